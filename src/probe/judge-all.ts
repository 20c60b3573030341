import { type Attempt, isOfSocketIo, type ProbeResults } from './attempt.ts';
import { NO_WEBSOCKET, UPGRADE_STRIPPED } from './explain-http.ts';
import { type Judgement, judge } from './judge.ts';
import type { Verdict } from './verdict.ts';

interface Judged {
  attempt: Attempt;
  judgement: Judgement;
}

/** Judges each attempt in the light of the others. */
export function judgeAll(results: ProbeResults, now: number): Verdict[] {
  const alone = results.attempts.map((attempt) => ({
    attempt,
    judgement: pointToPath(judge(attempt, results, now), results),
  }));
  return alone.map((judged) => toVerdict(judged.attempt, spareAdvice(judged, alone, readByPolling(judged, alone))));
}

function toVerdict({ transport, origin, hasToken, isAsked }: Attempt, judgement: Judgement): Verdict {
  const { rule = null, reason = null, advice = null, ...judged } = judgement;
  return { transport, origin: origin ?? null, token: hasToken, isAsked, ...judged, rule, reason, advice };
}

function pointToPath(judgement: Judgement, { surroundings: { otherPath }, path }: ProbeResults): Judgement {
  if (judgement.outcome !== 'not-socket.io' || otherPath === undefined) return judgement;
  return {
    ...judgement,
    rule: 'path',
    reason: `Nothing of Socket.IO is at ${path}; a Socket.IO server answers at ${otherPath}.`,
    advice: `Use --path ${otherPath}, which is the default.`,
  };
}

/** A WebSocket breaks off with few words or none: what polling says tells what that means. */
function readByPolling({ attempt, judgement }: Judged, all: readonly Judged[]): Judgement {
  if (attempt.transport === 'polling' || !isVague(judgement)) return judgement;
  const polling = all.find(
    (other) =>
      other.attempt.transport === 'polling' &&
      other.attempt.origin === attempt.origin &&
      other.attempt.hasToken === attempt.hasToken,
  );
  if (polling === undefined) return judgement;
  if (isOfSocketIo(polling.attempt.answer)) {
    const isOffered = !all.some(
      (other) => other.attempt.transport === 'upgrade' && other.judgement.outcome === 'skipped',
    );
    // Whoever answers a WebSocket as a bad request knows WebSockets, and offers just no upgrade.
    const explanation = isOffered || judgement.code === '3' ? UPGRADE_STRIPPED : NO_WEBSOCKET;
    return { ...judgement, outcome: 'refused', ...explanation };
  }
  const { outcome, rule, reason, advice } = polling.judgement;
  const isSame = outcome === 'not-socket.io' || rule === 'allowRequest' || rule === 'handshake';
  return isSame ? { ...judgement, outcome, rule, reason, advice } : judgement;
}

const isVague = ({ outcome, rule }: Judgement) =>
  rule === UPGRADE_STRIPPED.rule || (rule !== 'scheme' && (outcome === 'unreachable' || outcome === 'not-socket.io'));

/** Where what was asked for passes, the refusals of everything else are as they should be. */
function spareAdvice({ attempt }: Judged, all: readonly Judged[], judgement: Judgement): Judgement {
  const isFine =
    !attempt.isAsked &&
    judgement.outcome === 'refused' &&
    all.some(
      (other) =>
        other.attempt.isAsked && other.attempt.transport === attempt.transport && other.judgement.outcome === 'passed',
    );
  return isFine ? { ...judgement, advice: undefined } : judgement;
}
