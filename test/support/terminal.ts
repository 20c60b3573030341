import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { requireTool } from './external-tool.ts';
import { BIN, cleanEnv } from './run-cli.ts';
import { tempFolder } from './temp-folder.ts';
import { type Deadline, until } from './until.ts';

const run = promisify(execFile);

export interface TerminalOptions {
  columns?: number;
  rows?: number;
  cwd?: string;
  env?: Record<string, string>;
}

/**
 * A program in a real terminal: tmux, with a server of its own for each session, killed with the test. Use inside
 * `describe.skipIf(isToolMissing('tmux'))`.
 */
export async function openTerminal(command: readonly string[], options: TerminalOptions = {}): Promise<Terminal> {
  const { columns = 100, rows = 30, cwd = tempFolder(), env = {} } = options;
  const program = requireTool('tmux');
  const socket = join(tempFolder(), 'tmux');
  const tmux = async (...args: string[]) => {
    const environment = { ...cleanEnv(), LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env };
    return (await run(program, ['-u', '-S', socket, '-f', '/dev/null', ...args], { env: environment })).stdout;
  };
  onTestFinished(async () => {
    await tmux('kill-server').catch(() => {});
  });
  // The options belong to the server, which starts with its first session: so a quiet one comes first.
  await tmux(
    ...['new-session', '-d', '-s', 'first', 'cat', ';'],
    ...['set-option', '-g', 'remain-on-exit', 'on', ';'],
    ...['set-option', '-g', 'status', 'off', ';'],
    ...['set-option', '-g', 'default-terminal', 'tmux-256color', ';'],
    ...['new-session', '-d', '-s', 'main', '-x', String(columns), '-y', String(rows), '-c', cwd, ...command],
  );
  return new Terminal(tmux);
}

/** `rtserver …` in a real terminal. */
export function openCli(args: readonly string[], options?: TerminalOptions): Promise<Terminal> {
  return openTerminal([process.execPath, BIN, ...args], options);
}

export class Terminal {
  readonly #tmux: (...args: string[]) => Promise<string>;
  #pid = 0;

  constructor(tmux: (...args: string[]) => Promise<string>) {
    this.#tmux = tmux;
  }

  /** What is on the screen now, without colours. */
  screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-t', 'main');
  }

  /** Everything since the start, what has scrolled away too; lines that were wrapped are whole again. */
  history(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-J', '-S', '-', '-t', 'main');
  }

  /** The screen with its escape sequences. */
  colouredScreen(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-e', '-t', 'main');
  }

  /** Resolves to the screen as soon as it fits. */
  async waitFor(pattern: RegExp | ((screen: string) => boolean), { withinMs }: Deadline = {}): Promise<string> {
    const fits = typeof pattern === 'function' ? pattern : (screen: string) => pattern.test(screen);
    let last = '';
    const look = async () => {
      last = await this.screen();
      return fits(last) && last;
    };
    try {
      return await until(look, { ...(withinMs !== undefined && { withinMs }) });
    } catch {
      throw new Error(`the screen never fitted ${pattern}; it shows\n${last}`);
    }
  }

  /** Keys by tmux's names: `C-c`, `Enter`, `Up`, `q`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', '-t', 'main', ...keys);
  }

  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-t', 'main', '-l', text);
  }

  /** As from a clipboard: between the marks of a paste, where the program asked for them. */
  async paste(text: string): Promise<void> {
    await this.#tmux('set-buffer', '--', text);
    await this.#tmux('paste-buffer', '-p', '-r', '-t', 'main');
  }

  /** The path of its device. */
  async device(): Promise<string> {
    return (await this.#tmux('display-message', '-p', '-t', 'main', '#{pane_tty}')).trim();
  }

  /** Its window stands still: what is written to it is read by nobody until `resume`. */
  async pause(): Promise<void> {
    this.#pid = Number(await this.#tmux('display-message', '-p', '#{pid}'));
    onTestFinished(() => this.resume());
    process.kill(this.#pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  /** Takes the terminal away from its program. */
  async close(): Promise<void> {
    await this.#tmux('kill-server');
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-t', 'main', '-x', String(columns), '-y', String(rows));
  }

  /** Waits for the program's end; resolves to its exit code, 128 and more after a signal. */
  async exitCode(deadline: Deadline = {}): Promise<number> {
    const state = '#{pane_dead} #{?pane_dead_signal,#{e|+:128,#{pane_dead_signal}},#{pane_dead_status}}';
    const look = async () => {
      // tmux 3.3 sometimes misses that a child has ended; the end of another one makes it look at all of them. That end may
      // be missed as well: in the background, so that nobody waits for it.
      await this.#tmux('run-shell', '-b', 'true');
      return /^1 (?<code>\d+)/.exec(await this.#tmux('display-message', '-p', '-t', 'main', state))?.groups?.['code'];
    };
    return Number(await until(look, { what: 'the end of the program in the terminal', ...deadline }));
  }
}
