import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Artillery } from './locate-artillery.ts';
import type { FromArtillery, RunSettings, Script, ToWorker } from './messages.ts';

export interface ArtilleryRun {
  artillery: Artillery;
  script: Script;
  settings: Omit<RunSettings, 'channel'>;
  /** A private folder for the script and the settings. */
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
  onMessage(message: FromArtillery, answer: (message: ToWorker) => void): void;
  /** Ends the run before its time. */
  signal: AbortSignal;
}

export interface ArtilleryEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** What it printed: for when something went wrong. */
  output: string;
}

/** The folder that holds `artillery-engine-rtserver`, as it was built. */
const ENGINES = fileURLToPath(new URL('.', import.meta.url));
const REPORTER = fileURLToPath(new URL('reporter.js', import.meta.url));
const OUTPUT_MAX = 100_000;
/** After it was asked to end. */
const PATIENCE_MS = 10_000;

/** Runs the real `artillery run` on a script. */
export function runArtillery({
  artillery,
  script,
  settings,
  folder,
  env,
  onMessage,
  signal,
}: ArtilleryRun): Promise<ArtilleryEnd> {
  const scriptFile = join(folder, 'rtserver-script.json');
  const settingsFile = join(folder, 'run.json');
  const run: RunSettings = { ...settings, channel: `rtserver:${scriptFile}` };
  writeFileSync(settingsFile, JSON.stringify(run), { mode: 0o600 });
  const config = { ...script.config, rtserver: { run: settingsFile } };
  writeFileSync(scriptFile, JSON.stringify({ ...script, config }), { mode: 0o600 });
  requireEngine();
  return new Promise((resolve, reject) => {
    const child = fork(artillery.bin, ['run', '--quiet', scriptFile], {
      cwd: folder,
      env: {
        ...env,
        NODE_PATH: [ENGINES, env['NODE_PATH']].filter(Boolean).join(delimiter),
        CUSTOM_REPORTERS: REPORTER,
        ARTILLERY_DISABLE_TELEMETRY: 'true',
      } as NodeJS.ProcessEnv,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      // A group of its own: Ctrl-C in a terminal goes to all of a group, and this one is to end when its figures are in.
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-OUTPUT_MAX);
      });
    }
    const answer = (message: ToWorker) => void (child.connected && child.send(message));
    child.on('message', (message) => onMessage(message as FromArtillery, answer));
    let timer: NodeJS.Timeout | undefined;
    const end = () => {
      child.kill('SIGTERM');
      timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve({ code, signal: killedBy, output });
    });
  });
}

/** Artillery only warns about an engine that it cannot load, and dies at the first virtual user. */
function requireEngine(): void {
  createRequire(import.meta.url).resolve(join(ENGINES, 'artillery-engine-rtserver'));
}
