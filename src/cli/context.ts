import type { Command } from 'commander';
import type { ExitCode } from './exit-code.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';

/** What every command is given. */
export interface Context {
  readonly io: Io;
  readonly output: Output;
  /** Aborted when nobody reads stdout any more (`rtserver join … | head -1`): the command may stop, all is well. */
  readonly outputClosed: AbortSignal;
  /** The whole command line, every command loaded: for the one that describes them all. */
  loadProgram(): Promise<Command>;
  /** Of a command whose stdout is only a log: it has not failed because that cannot be written. */
  isStdoutLog?: boolean;
  /** Set by a command's action when it is done. */
  exitCode: ExitCode;
}
