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
  const thresholds: Threshold[] = [];
  const troubles: string[] = [];
  const onMessage = (message: FromArtillery, answer: (message: ToWorker) => void) => {
    if (message.kind === 'delta') {
      ledger.add(message.worker, message.delta);
      roll?.add(message.delta.sockets);
    } else if (message.kind === 'arrivals') ledger.arrivalsAt = Date.now();
    else if (message.kind === 'log') onLog(message.text);
    else if (message.kind === 'worker-error') troubles.push(`a worker of Artillery failed: ${message.message}`);
    else if (message.kind === 'thresholds') thresholds.push(...message.thresholds);
    else if (message.kind === 'restart') {
      const { id } = message;
      own?.restart().then(
        () => answer({ kind: 'restarted', id }),
        (error: Error) => answer({ kind: 'restarted', id, error: error.message }),
      );
    }
  };
  const settings = {
    ...{ target: { url, path }, tokens, hasAdmin, canRestart: own !== undefined, isQualified },
    // Nobody reads Artillery's own metrics but its plugins.
    hasMetrics: Object.keys(script.config.plugins ?? {}).length > 0 || env['ARTILLERY_PLUGINS'] !== undefined,
  };
  // Against a server that is gone, the rest of the run would prove nothing.
  const stop = own === undefined ? signal : AbortSignal.any([signal, own.ended]);
  const end = await runArtillery({ artillery, script, settings, folder, env, onMessage, signal: stop });
  if (!stop.aborted) troubles.push(...describeEnd(end));
  return { thresholds, troubles };
}

/** Artillery exits with 1 for thresholds, which are judged apart; anything else is its own trouble. */
function describeEnd({ code, signal, output }: ArtilleryEnd): string[] {
  if (code === 0 || code === 1) return [];
  return [`Artillery ended with ${code ?? signal}: ${output.trim().split('\n').slice(-5).join('\n')}`];
}
