import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { tempFolder } from './temp-folder.ts';
import { DEADLINE_MS, type Deadline, within } from './until.ts';

export { tempFolder } from './temp-folder.ts';

/** The built command line: `npm run build` comes first. */
export const BIN = fileURLToPath(new URL('../../bin/rtserver.js', import.meta.url));

export interface CliOptions {
  /** Default: a new empty folder. */
  cwd?: string;
  /** On top of `cleanEnv()`. */
  env?: Record<string, string>;
  /** Another build than this folder's. */
  bin?: string;
  /** Node's own flags, before the script. */
  nodeArgs?: readonly string[];
  /** How many file descriptors it may have; by itself, Node takes as many as the system lets it. */
  openFiles?: number;
  /** A file descriptor for its standard output, which then is not read here. */
  stdout?: number;
}

export interface CliExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface CliResult extends CliExit {
  stdout: string;
  stderr: string;
}

/** Runs `rtserver …` as a process of its own to its end. `input` is its standard input, which is closed after it. */
export async function runCli(
  args: readonly string[],
  { input = '', timeoutMs = 30_000, ...options }: CliOptions & { input?: string; timeoutMs?: number } = {},
): Promise<CliResult> {
  const cli = startCli(args, options);
  cli.endInput(input);
  const exit = await within(cli.exit, timeoutMs, () => `${cli.describe()} did not end`);
  return { ...exit, stdout: cli.stdout, stderr: cli.stderr };
}

/** Starts `rtserver …` as a process of its own; killed with the test if it still runs then. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  return new RunningCli(args, options);
}

/** `rtserver start` on a free port with the url that it printed. */
export async function startCliServer(
  args: readonly string[] = [],
  options: CliOptions = {},
): Promise<{ cli: RunningCli; url: string }> {
  const cli = startCli(['start', '--port', '0', ...args], options);
  const line = await cli.waitForLine('"server.listening"', { withinMs: 2 * DEADLINE_MS });
  return { cli, url: (JSON.parse(line) as { url: string }).url };
}

/** What a shell would give a program that nobody has configured: no RTSERVER_*, no colour or CI switches, no NODE_*. */
export function cleanEnv(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TERM', 'USER', 'SHELL', 'NODE_V8_COVERAGE'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** A text is looked for as it stands. */
function toPredicate(pattern: string | RegExp | ((line: string) => boolean)): (line: string) => boolean {
  if (typeof pattern === 'function') return pattern;
  return (line) => (typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line));
}

export class RunningCli {
  readonly cwd: string;
  readonly exit: Promise<CliExit>;
  stdout = '';
  stderr = '';
  readonly #args: readonly string[];
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #exited: CliExit | undefined;

  constructor(args: readonly string[], options: CliOptions) {
    const { cwd = tempFolder(), env = {}, bin = BIN, nodeArgs = [], openFiles, stdout } = options;
    this.cwd = cwd;
    this.#args = args;
    const limited = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${openFiles} && exec "$0" "$@"`];
    const [program, ...words] = [...limited, process.execPath, ...nodeArgs, bin, ...args] as [string, ...string[]];
    this.#child = spawn(program, words, {
      cwd,
      env: { ...cleanEnv(), ...env },
      stdio: ['pipe', stdout ?? 'pipe', 'pipe'],
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        this[stream] += text;
        this.#look();
      });
    }
    // A program that ends without reading its input is no concern of the test.
    this.#child.stdin?.on('error', () => {});
    this.exit = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      // `close` rather than `exit`: only then has all output been read.
      this.#child.once('close', (code, signal) => {
        this.#exited = { code, signal };
        resolve(this.#exited);
        this.#look();
      });
    });
    onTestFinished(async () => {
      if (this.#exited === undefined) this.kill('SIGKILL');
      await this.exit;
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.describe()} has not started`);
    return this.#child.pid;
  }

  get hasExited(): boolean {
    return this.#exited !== undefined;
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(text = ''): void {
    this.#child.stdin?.end(text);
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', { withinMs = DEADLINE_MS }: Deadline = {}): Promise<CliExit> {
    this.kill(signal);
    return within(this.exit, withinMs, () => `${this.describe()} did not end after ${signal}`);
  }

  /** The first whole line, printed already or soon, that matches; fails at once when the program ends without it. */
  async waitForLine(
    pattern: string | RegExp | ((line: string) => boolean),
    { stream = 'stdout', withinMs = DEADLINE_MS }: Deadline & { stream?: 'stdout' | 'stderr' } = {},
  ): Promise<string> {
    const matches = toPredicate(pattern);
    let look = () => {};
    const found = new Promise<string>((resolve, reject) => {
      look = () => {
        const whole = this.#exited === undefined ? this[stream].split('\n').slice(0, -1) : this[stream].split('\n');
        const line = whole.find(matches);
        if (line !== undefined) resolve(line);
        else if (this.#exited !== undefined) reject(new Error(`${this.describe()} ended without the line ${pattern}`));
      };
      look();
      this.#watchers.add(look);
    });
    try {
      return await within(found, withinMs, () => `${this.describe()} did not print ${pattern} on ${stream}`);
    } finally {
      this.#watchers.delete(look);
    }
  }

  /** For messages: the command, how it ended and what it said. */
  describe(): string {
    const ended = this.#exited === undefined ? '' : ` [exit ${this.#exited.code ?? this.#exited.signal}]`;
    return `rtserver ${this.#args.join(' ')}${ended}\n--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}\n---`;
  }

  #look(): void {
    for (const look of this.#watchers) look();
  }
}
