import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RtError } from '../contract/errors.ts';
import { within } from '../contract/within.ts';
import { LogReader } from './log-reader.ts';
import type { TargetOptions } from './target.ts';
import { mintWith } from './tokens.ts';

const BIN = fileURLToPath(new URL('../../bin/rtserver.js', import.meta.url));
/** `.ts` where this runs from the sources, `.js` where it was built. */
const APPLICATION = fileURLToPath(new URL(`./application${extname(import.meta.url)}`, import.meta.url));
const FRONTEND_ORIGIN = 'https://app.example';
const SHORT_HEARTBEAT_MS = 2_000;
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;

export interface OwnServer {
  readonly target: TargetOptions;
  /** Safe twice. */
  close(): Promise<void>;
}

/**
 * Starts `rtserver start` in an empty folder, with an application of our own and a log that says everything.
 *
 * @param env of the process; what configures an rtserver is left out
 * @param isFull with the heartbeat that is the default, 60 s
 * @param workers how many processes it is to have
 */
export async function startOwnServer(env: NodeJS.ProcessEnv, isFull: boolean, workers = 1): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'rtserver-check-'));
  const secret = randomBytes(32).toString('base64url');
  const config = join(folder, 'rtserver.config.mjs');
  await writeFile(config, renderConfig(isFull, workers));
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('RTSERVER_'));
  const child = spawn(process.execPath, [BIN, 'start', '--config', config], {
    cwd: folder,
    env: { ...Object.fromEntries(kept), RTSERVER_SECRET: secret },
    stdio: 'pipe',
  });
  const logs = new LogReader({ isDebug: true });
  child.stdout.setEncoding('utf8').on('data', (text: string) => logs.add(text));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= stop(child, ended).then(() => rm(folder, { recursive: true, force: true }));
    return closing;
  };
  try {
    const failed = ended.then(() => {
      const reason = `the check's own server did not start: ${said.trim() || logs.text.trim()}`;
      throw new RtError('SERVER_UNREACHABLE', { reason });
    });
    failed.catch(() => {});
    const listening = logs.find('server.listening', '', () => true, { waitMs: START_TIMEOUT_MS });
    const { url } = await Promise.race([listening, failed]);
    const mint = mintWith(secret);
    const adminToken = () => mint({ userId: 'rtserver-check', expiresInMs: 600_000, claims: { scope: 'admin' } });
    return { target: { url: String(url), adminToken, mint, frontendOrigin: FRONTEND_ORIGIN, logs }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function renderConfig(isFull: boolean, workers: number): string {
  const settings = {
    port: 0,
    workers,
    cors: { origins: [FRONTEND_ORIGIN] },
    heartbeat: { timeout: isFull ? '60s' : SHORT_HEARTBEAT_MS },
    log: { level: 'debug', format: 'json' },
    shutdown: { spread: 0 },
  };
  // The end of stdin is the end of the check, also of one that was killed: its server must not stay behind. Workers have
  // none, and end with it.
  return `import * as rtserver from 'rtserver';
import { createApplication } from ${JSON.stringify(APPLICATION)};

if (process.send === undefined) process.stdin.on('end', () => process.kill(process.pid)).resume().unref();
export default { ...createApplication(rtserver), ...${JSON.stringify(settings)} };
`;
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await within(ended, STOP_TIMEOUT_MS, () => new Error('it does not stop')).catch(() => {
    child.kill('SIGKILL');
    return ended;
  });
}
