import { formatDuration } from '../../contract/units.ts';
import { createMatcher, show } from '../match.ts';
import type { Stage } from '../stage.ts';
import { Unmet } from '../unmet.ts';
import { type Connected, howItEnded } from './sockets.ts';

export const ACK_WITHIN_MS = 5_000;

/** Emits, and judges the acknowledgement: `ok: false` is a failure unless `match` asks for it. */
export async function request(
  stage: Stage,
  member: Connected,
  event: string,
  payload: unknown,
  { match, withinMs = ACK_WITHIN_MS, from }: { match?: unknown; withinMs?: number; from?: number } = {},
): Promise<unknown> {
  const { recorder } = stage.host;
  const isMatch = match === undefined ? undefined : createMatcher(match);
  const sentAt = from ?? performance.now();
  member.actedAt = performance.now();
  recorder.count('emits');
  let answer: unknown;
  try {
    answer = await member.wire.emitWithAck(event, payload, { timeoutMs: withinMs });
  } catch (error) {
    const late = error instanceof Error && 'kind' in error && error.kind === 'timeout';
    throw new Unmet(
      late
        ? `"${event}" was not acknowledged within ${formatDuration(withinMs)}`
        : `"${event}" was not acknowledged: ${howItEnded(member)}`,
    );
  }
  recorder.count('acks');
  recorder.latency('ack', performance.now() - sentAt);
  const asked = match !== undefined && typeof match === 'object' && match !== null && 'ok' in match;
  const isRefused = (answer as { ok?: unknown } | undefined)?.ok === false;
  if (isRefused && !asked) throw new Unmet(`"${event}" was answered with ${describeFailure(answer)}`);
  if (isMatch?.(answer) === false) {
    throw new Unmet(`"${event}" was answered with ${show(answer)}; it should match ${show(match)}`);
  }
  return answer;
}

function describeFailure(answer: unknown): string {
  const { code, message } = (answer as { error?: { code?: string; message?: string } }).error ?? {};
  return code === undefined ? show(answer) : `${code}: ${message}`;
}
