import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { createAdminClient } from '../client/admin.ts';
import type { Artillery } from './artillery/locate-artillery.ts';
import { compileScript } from './compile-script.ts';
import { judgeLeaks } from './leaks.ts';
import { Ledger } from './ledger.ts';
import { describeEndOfServer, isOfInterrupt, type OwnServer, startOwnServer } from './own-server.ts';
import { perform } from './perform.ts';
import { toMs } from './quantity.ts';
import type { LoadResult } from './result.ts';
import { createRunFolder, removeRunFolder } from './run-folder.ts';
import type { ScenarioFile } from './scenario/check-file.ts';
import { ServerWatch } from './server-watch.ts';
import { SocketRoll } from './socket-roll.ts';
import { surveyServer } from './survey.ts';
import { render } from './template.ts';
import { makeToken, type TokenMaker } from './tokens.ts';
import { judgeRun } from './verdict.ts';

/** A server that is there already, and how to get in. */
export interface NamedServer {
  url: string;
  path: string;
  tokens: TokenMaker;
}

export interface LoadOptions {
  file: ScenarioFile;
  /** Where the file is, and what it says. */
  path: string;
  text: string;
  /** Without one, a server is started for the run. */
  server: NamedServer | undefined;
  /** `--var`: wins over what the server and the file say. */
  variables: Readonly<Record<string, unknown>>;
  artillery: Artillery;
  env: Readonly<Record<string, string | undefined>>;
  /** Ends the run before its time; the verdict is of what was seen. */
  signal: AbortSignal;
  onStart(run: { url: string; isOurs: boolean; arrivalsMs: number | undefined; expectedMs: number | undefined }): void;
  onTick(ledger: Ledger): void;
  onLog(text: string): void;
}

const SETTLE = '5s';

/** Runs a scenario and judges it. Rejects only where it cannot begin. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const folder = await createRunFolder();
  let own: OwnServer | undefined;
  try {
    if (options.server === undefined) {
      own = await startOwnServer(options.file.config.rtserver?.server ?? {}, folder, options.env);
    }
    const server = options.server ?? toNamed(own as OwnServer);
    return await runAgainst(server, own, folder, options);
  } finally {
    await own?.close();
    await removeRunFolder(folder);
  }
}

const toNamed = ({ url, path, secret }: OwnServer): NamedServer => ({
  ...{ url, path },
  tokens: { kind: 'secret', secret, algorithm: 'HS256' },
});

async function runAgainst(
  server: NamedServer,
  own: OwnServer | undefined,
  folder: string,
  options: LoadOptions,
): Promise<LoadResult> {
  const { file, signal } = options;
  const { url, path, tokens } = server;
  let interruptedAt = signal.aborted ? Date.now() : undefined;
  const onInterrupt = () => {
    interruptedAt = Date.now();
  };
  signal.addEventListener('abort', onInterrupt, { once: true });
  // Before anybody connects: what is there later is held against this.
  const watch = await openWatch(url, tokens);
  const limits = await surveyServer({ url, path }, tokens).catch((error: unknown) => {
    watch?.close();
    throw error;
  });
  const { variables, compiled } = prepare(options, url, limits);
  const ledger = new Ledger();
  // On a server of its own, the totals say whether any socket is left.
  const roll = own === undefined && watch !== undefined ? new SocketRoll(watch.admin) : undefined;
  const { arrivalsMs, expectedMs } = compiled;
  options.onStart({ url, isOurs: own !== undefined, arrivalsMs, expectedMs });
  const timer = setInterval(() => options.onTick(ledger), 250);
  try {
    const hasAdmin = watch !== undefined;
    const { thresholds, troubles } = await perform(
      { compiled, server, own, folder, ledger, roll, hasAdmin, onLog: options.onLog },
      options,
    );
    clearInterval(timer);
    const settleMs = toMs(render(file.config.rtserver?.settle ?? SETTLE, variables), 'settle');
    const leaks =
      watch === undefined
        ? { status: 'not judged' as const, findings: ['the HTTP API of the server could not be asked'] }
        : file.config.rtserver?.leaks === false
          ? { status: 'not judged' as const, findings: ['the scenario says leaks: false'] }
          : await judgeLeaks(watch, { sockets: roll, settleMs });
    const end = own?.ended.aborted && !isOfInterrupt(own.ended.reason, interruptedAt) ? own.ended.reason : undefined;
    return judgeRun({
      ledger,
      compiled,
      thresholds,
      troubles: end === undefined ? troubles : [describeEndOfServer(end, ledger.startedAt), ...troubles],
      leaks,
      serverFigures: watch?.figures() ?? null,
      isInterrupted: signal.aborted && end === undefined,
      scenario: {
        file: options.path,
        question: file.question,
        sha256: createHash('sha256').update(options.text).digest('hex'),
      },
      server: { url, startedForTheRun: own !== undefined },
      variables,
      artillery: options.artillery.version,
    });
  } finally {
    clearInterval(timer);
    watch?.close();
  }
}

/** The file does not fit together with its variables. */
class ScenarioUnfit extends Error {
  override readonly name = 'ScenarioUnfit';
}

function prepare({ file, variables: said, path }: LoadOptions, url: string, limits: object) {
  try {
    const own = file.config.variables ?? {};
    const variables: Record<string, unknown> = { ...render(own, { ...own, ...limits, ...said }), ...limits, ...said };
    return { variables, compiled: compileScript(file, url, variables, dirname(path)) };
  } catch (error) {
    throw new ScenarioUnfit((error as Error).message, { cause: error });
  }
}

async function openWatch(url: string, tokens: TokenMaker): Promise<ServerWatch | undefined> {
  const wish = tokens.kind === 'given' ? 'valid' : { claims: { scope: 'admin' } };
  const token = () => makeToken(tokens, 'rtserver-load', wish) ?? '';
  try {
    return await ServerWatch.open(createAdminClient({ url, token }));
  } catch {
    return undefined;
  }
}
