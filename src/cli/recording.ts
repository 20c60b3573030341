import { constants, openSync, rmSync, type Stats, statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { describeFileTrouble, describeNewFileTrouble } from '../contract/file-trouble.ts';
import { CliError, usageError } from './cli-error.ts';
import type { ExitCode } from './exit-code.ts';

/** A file for the recording of a dashboard, open. */
export interface RecordingFile {
  descriptor: number;
  /** There was nothing to record: a file that was made for it goes again. */
  discard(): void;
}

/**
 * Opens it before the dashboard: a file that cannot be written must not be found out about when all is over. What is on the
 * screen is for its owner: users, addresses, maybe payloads.
 */
export function openRecording(path: string, isForced: boolean): RecordingFile {
  const found = look(path);
  if (found?.isFile() && !isForced) {
    throw usageError(
      `--record names a file that exists: ${path}`,
      'Next: name another one, or overwrite it with --force.',
    );
  }
  // A pipe that nobody reads would hold everything up. A device such as /dev/null takes all there is at once.
  if (found !== undefined && !found.isFile() && !found.isCharacterDevice()) {
    throw usageError(`--record names something that is no file: ${path}`, 'Next: name a file.');
  }
  try {
    // What is in it stays until there is something to record.
    const descriptor = openSync(path, found === undefined ? 'wx' : constants.O_WRONLY, 0o600);
    if (isatty(descriptor)) throw new Error('it is a terminal');
    return {
      descriptor,
      discard() {
        if (found === undefined) rmSync(path, { force: true });
      },
    };
  } catch (cause) {
    throw unwritable(cause);
  }
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw unwritable(cause);
  }
}

const unwritable = (cause: unknown) =>
  usageError(
    `--record names a file that cannot be written: ${describeNewFileTrouble(cause)}`,
    'Next: name a file in a folder that is there and may be written to.',
    {
      cause,
    },
  );

/** For a recording that broke off while the dashboard went on. */
export function brokenRecording(path: string, cause: Error, exitCode: ExitCode): CliError {
  return new CliError(
    exitCode,
    `the recording broke off: ${path} cannot be written (${describeFileTrouble(cause)})`,
    'Next: what was recorded until then can be played.',
    { cause },
  );
}
