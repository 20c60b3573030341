import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CliOptions, type RunningCli, runCli, startCli, startCliServer } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A folder, and commands that are run in it. */
export interface Folder {
  cwd: string;
  /** Writes a file; anything but text as JSON. */
  write(name: string, content: unknown): string;
  read(name: string): string;
  run(args: readonly string[], options?: { input?: string; env?: Record<string, string> }): ReturnType<typeof runCli>;
  start(args: readonly string[], options?: CliOptions): RunningCli;
}

/** The same, with the server that was started in it. */
export interface Place extends Folder {
  server: RunningCli;
  url: string;
  /** A `join` that is through. */
  join(...args: string[]): Promise<RunningCli>;
}

export function createFolder(cwd = tempFolder()): Folder {
  return {
    cwd,
    write(name, content) {
      const path = join(cwd, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    },
    read: (name) => readFileSync(join(cwd, name), 'utf8'),
    run: (args, options) => runCli(args, { ...options, cwd }),
    start: (args, options) => startCli(args, { ...options, cwd }),
  };
}

export async function startPlace(
  flags: readonly string[] = [],
  { folder = createFolder(), ...options }: Pick<CliOptions, 'env' | 'nodeArgs'> & { folder?: Folder } = {},
): Promise<Place> {
  const { cli, url } = await startCliServer(flags, { cwd: folder.cwd, ...options });
  return {
    ...folder,
    server: cli,
    url,
    async join(...args) {
      const cli = folder.start(['join', ...args]);
      await cli.waitForLine(/^joined /, { stream: 'stderr' });
      return cli;
    },
  };
}

/** The lines of an output that is NDJSON. */
export function parseLines<Item = unknown>(text: string): Item[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Item);
}
