import { basename, join } from 'node:path';

/** What a worker is told before it begins. */
export interface Assignment {
  /** One more for each worker that is started: the number of one that is gone is nobody's again. */
  number: number;
  /** How many workers there are to be. */
  count: number;
  /** Does it take the place of one that has ended? */
  isReplacement: boolean;
  /** A folder where the workers listen for each other. */
  folder: string;
  /** What the program of the worker needs beside. */
  task: unknown;
}

/** Windows has names for what other systems have files for. */
export function addressIn(folder: string, worker: number): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\${basename(folder)}-${worker}` : join(folder, `${worker}.sock`);
}
