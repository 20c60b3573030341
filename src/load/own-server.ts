import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerFile } from '../contract/resources.ts';
import { showMs } from './quantity.ts';

/** The server of a run: a process of our own command line, with a secret of its own. */
export interface OwnServer {
  url: string;
  path: string;
  secret: string;
  /** Aborted when it ends though nobody asked it to; the reason is an `EndOfServer`. */
  ended: AbortSignal;
  /** Stops and starts it again on the same port, one after the other; rejects after `close`. */
  restart(): Promise<void>;
  /** Safe twice. */
  close(): Promise<void>;
}

/** How a server ended that was to go on. */
export interface EndOfServer {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Milliseconds since 1970. */
  at: number;
  /** The last of what it logged. */
  lastLines: string[];
}

/** The exit event of one that obeyed the same signal as we may be heard before that signal. */
const SAME_MOMENT_MS = 1_000;

/** Was it ended by what interrupted the run: a signal to all processes of a service or a terminal? */
export function isOfInterrupt({ code, signal, at }: EndOfServer, interruptedAt: number | undefined): boolean {
  if (interruptedAt === undefined) return false;
  const hasObeyed = code === 0 || signal === 'SIGTERM' || signal === 'SIGINT';
  return at >= interruptedAt - (hasObeyed ? SAME_MOMENT_MS : 0);
}

const LINE_MAX_CHARACTERS = 500;

/** For people: how, when, and its last words. */
export function describeEndOfServer({ code, signal, at, lastLines }: EndOfServer, startedAt: number): string {
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  const when = showMs(Math.max(0, at - startedAt));
  const lines = lastLines.map((line) => line.slice(0, LINE_MAX_CHARACTERS));
  const said = lines.length === 0 ? 'it had logged nothing' : `the last that it logged:\n${lines.join('\n')}`;
  return `the server of the run ended ${how} after ${when}, though nobody had asked it to; ${said}`;
}

/** It did not come up; the message is what it said. */
class ServerNotStarted extends Error {
  override readonly name = 'ServerNotStarted';
  /** Its configuration is to blame. */
  readonly isUsage: boolean;

  constructor(message: string, isUsage: boolean) {
    super(message);
    this.isUsage = isUsage;
  }
}

const BIN = fileURLToPath(new URL('../../bin/rtserver.js', import.meta.url));
/** Loaded into the server before anything else: it ends with us, however we end. Its workers, which load it too, are its own. */
const LEASH = `data:text/javascript,${encodeURIComponent(
  `if(process.ppid===${process.pid}){process.on('disconnect',()=>process.kill(process.pid,'SIGTERM'));process.channel?.unref()}`,
)}`;
const LOG = 'server.log';
const LAST_LINES = 5;
const LAST_BYTES = 16_384;
const START_MS = 20_000;
const STOP_MS = 15_000;
const POLL_MS = 20;
const EXIT_USAGE = 2;

type Env = Readonly<Record<string, string | undefined>>;

export async function startOwnServer(
  settings: Readonly<Record<string, unknown>>,
  folder: string,
  env: Env,
): Promise<OwnServer> {
  const auth = (settings['auth'] ?? {}) as Record<string, unknown>;
  const secret = typeof auth['secret'] === 'string' ? auth['secret'] : randomBytes(32).toString('base64url');
  const home = join(folder, 'server');
  mkdirSync(home, { recursive: true });
  const configFile = join(home, 'rtserver.config.json');

  function configure(port: unknown): void {
    const log = { level: 'warn', format: 'json', ...(settings['log'] as object | undefined) };
    const shutdown = { spread: 0, ...(settings['shutdown'] as object | undefined) };
    const config = { ...settings, port, auth: { ...auth, secret }, log, shutdown };
    writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
  }

  const ended = new AbortController();
  let isStopping = false;

  async function start() {
    const started = await startProcess(home, configFile, env);
    started.child.once('exit', (code, signal) => {
      if (isStopping) return;
      ended.abort({ code, signal, at: Date.now(), lastLines: readLastLines(home) } satisfies EndOfServer);
    });
    isStopping = false;
    return started;
  }

  configure(settings['port'] ?? 0);
  let current = await start();
  /** What is under way: two processes must not share a port and a file. */
  let turn: Promise<void> = Promise.resolve();
  let isClosed = false;
  // Again on the same port: its clients know no other.
  configure(Number(new URL(current.file.url).port));
  return {
    url: current.file.url,
    path: current.file.path,
    secret,
    ended: ended.signal,
    restart() {
      const restarted = turn.then(async () => {
        if (isClosed) throw new ServerNotStarted('the run is over', false);
        isStopping = true;
        await stop(current.child);
        current = await start();
      });
      turn = restarted.catch(() => {});
      return restarted;
    },
    async close() {
      isClosed = true;
      await turn;
      isStopping = true;
      await stop(current.child);
    },
  };
}

async function startProcess(
  home: string,
  configFile: string,
  env: Env,
): Promise<{ child: ChildProcess; file: ServerFile }> {
  const place = join(home, '.rtserver', 'server.json');
  rmSync(place, { force: true });
  const log = openSync(join(home, LOG), 'w', 0o600);
  const child = fork(BIN, ['start', '--config', configFile], {
    cwd: home,
    env: withoutSettings(env) as NodeJS.ProcessEnv,
    execArgv: ['--import', LEASH],
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  child.channel?.unref();
  closeSync(log);
  const deadline = Date.now() + START_MS;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const file = readServerFile(place);
    if (file !== undefined) return { child, file };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const said = readLastLines(home)
    .join('\n')
    .replace(/^error: /, '')
    .replace(`${configFile}: `, 'config.rtserver.server: ');
  await stop(child);
  throw new ServerNotStarted(said || 'it said nothing', child.exitCode === EXIT_USAGE);
}

function readLastLines(home: string): string[] {
  const file = openSync(join(home, LOG), 'r');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, LAST_BYTES));
    readSync(file, tail, 0, tail.length, size - tail.length);
    return tail.toString().trim().split('\n').filter(Boolean).slice(-LAST_LINES);
  } finally {
    closeSync(file);
  }
}

/** The settings of another server must not reach this one. */
function withoutSettings(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('RTSERVER_')));
}

function readServerFile(place: string): ServerFile | undefined {
  if (!existsSync(place)) return undefined;
  try {
    return JSON.parse(readFileSync(place, 'utf8')) as ServerFile;
  } catch {
    return undefined;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
