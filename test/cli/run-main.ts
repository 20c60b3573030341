import { PassThrough, Writable } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { tempFolder } from '../support/temp-folder.ts';

export interface MainResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** A command inside this process: for long tables of what ends before anything of the process is touched. */
export async function runMain(
  args: readonly string[],
  { env = {}, cwd = tempFolder() }: Partial<Pick<Io, 'env' | 'cwd'>> = {},
): Promise<MainResult> {
  const said = { stdout: '', stderr: '' };
  const collect = (name: keyof typeof said) =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += String(chunk);
        done();
      },
    });
  const io: Io = { stdin: new PassThrough().end(), stdout: collect('stdout'), stderr: collect('stderr'), env, cwd };
  return { code: await main(args, io), ...said };
}
