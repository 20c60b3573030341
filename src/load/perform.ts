import type { FromArtillery, Threshold, ToWorker } from './artillery/messages.ts';
import { type ArtilleryEnd, type ArtilleryRun, runArtillery } from './artillery/run-artillery.ts';
import type { CompiledScript } from './compile-script.ts';
import type { Ledger } from './ledger.ts';
import type { OwnServer } from './own-server.ts';
import type { SocketRoll } from './socket-roll.ts';
import type { TokenMaker } from './tokens.ts';

export interface Performance {
  compiled: CompiledScript;
  server: { url: string; path: string; tokens: TokenMaker };
  own: OwnServer | undefined;
  folder: string;
  ledger: Ledger;
  roll: SocketRoll | undefined;
  hasAdmin: boolean;
  onLog(text: string): void;
}

/** Runs the script and adds up what comes of it, until it is over, or interrupted, or its own server is gone. */
export async function perform(
  { compiled, server, own, folder, ledger, roll, hasAdmin, onLog }: Performance,
  { artillery, env, signal }: Pick<ArtilleryRun, 'artillery' | 'env' | 'signal'>,
): Promise<{ thresholds: Threshold[]; troubles: string[] }> {
  const { script, isQualified } = compiled;
  const { url, path, tokens } = server;
  let thresholds: Threshold[] | undefined;
  const troubles: string[] = [];
  const onMessage = (message: FromArtillery, answer: (message: ToWorker) => void) => {
    if (message.kind === 'delta') {
      ledger.add(message.worker, message.delta);
      roll?.add(message.delta.sockets);
    } else if (message.kind === 'arrivals') ledger.arrivalsAt = Date.now();
    else if (message.kind === 'log') onLog(message.text);
    else if (message.kind === 'worker-error') troubles.push(`a worker of Artillery failed: ${message.message}`);
    else if (message.kind === 'thresholds') thresholds = message.thresholds;
    else if (message.kind === 'restart') {
      const { id } = message;
      own?.restart().then(
        () => answer({ kind: 'restarted', id }),
        (error: Error) => answer({ kind: 'restarted', id, error: error.message }),
      );
    }
  };
  const { plugins = {} } = script.config;
  const settings = {
    ...{ target: { url, path }, tokens, hasAdmin, canRestart: own !== undefined, isQualified },
    // Nobody reads Artillery's own metrics but its plugins.
    hasMetrics: Object.keys(plugins).length > 0 || env['ARTILLERY_PLUGINS'] !== undefined,
  };
  // Against a server that is gone, the rest of the run would prove nothing.
  const stop = own === undefined ? signal : AbortSignal.any([signal, own.ended]);
  const end = await runArtillery({ artillery, script, settings, folder, env, onMessage, signal: stop });
  if (!stop.aborted) {
    troubles.push(...describeEnd(end, thresholds));
    const isEnsured = plugins['ensure'] !== undefined && env['ARTILLERY_DISABLE_ENSURE'] === undefined;
    if (isEnsured && thresholds === undefined) troubles.push('the thresholds of `config.ensure` were never judged');
  }
  return { thresholds: thresholds ?? [], troubles };
}

/** Artillery exits with 1 for a broken threshold, which is judged apart, and for much else, which is a trouble. */
function describeEnd({ code, signal, output }: ArtilleryEnd, thresholds: Threshold[] = []): string[] {
  const isByThreshold = code === 1 && thresholds.some(({ isMet, isStrict }) => isStrict && !isMet);
  if (code === 0 || isByThreshold) return [];
  return [`Artillery ended with ${code ?? signal}: ${lastWords(output)}`];
}

/** The end of what it printed, without the stack that would push out the message. */
function lastWords(output: string): string {
  const lines = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at |^Node\.js v|^Test run id:/.test(line));
  return lines.slice(-5).join('\n');
}
