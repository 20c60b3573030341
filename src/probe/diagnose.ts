import type { CorsAnswer, ProbeResults } from './attempt.ts';
import { type Finding, findFindings } from './findings.ts';
import { judgeAll } from './judge-all.ts';
import type { Verdict } from './verdict.ts';

/** Everything that `probe` has to say. Its readers are the table, JSON and the exit code. */
export interface Report {
  url: string;
  path: string;
  namespace: string;
  /** `passes`: what was asked for gets through over WebSocket. */
  outcome: 'passes' | 'refused' | 'unreachable' | 'not-socket.io';
  summary: string;
  attempts: readonly Verdict[];
  cors: readonly CorsAnswer[];
  findings: readonly Finding[];
}

/** Says what was seen, by which rule, and what to change. Pure. */
export function diagnose(results: ProbeResults, now: number): Report {
  const { url, path, namespace, cors } = results;
  const attempts = judgeAll(results, now);
  const outcome = findOutcome(attempts);
  const findings = findFindings(results, attempts);
  return { url, path, namespace, outcome, summary: summarize(outcome, attempts), attempts, cors, findings };
}

function findOutcome(attempts: readonly Verdict[]): Report['outcome'] {
  const asked = attempts.filter(({ isAsked, transport }) => isAsked && transport !== 'upgrade');
  if (askedOf(attempts, 'websocket')?.outcome === 'passed') return 'passes';
  if (asked.some(({ outcome }) => outcome === 'passed' || outcome === 'refused')) return 'refused';
  return asked.some(({ outcome }) => outcome === 'not-socket.io') ? 'not-socket.io' : 'unreachable';
}

function summarize(outcome: Report['outcome'], attempts: readonly Verdict[]): string {
  const [polling, websocket] = [askedOf(attempts, 'polling'), askedOf(attempts, 'websocket')];
  if (outcome === 'passes') {
    return polling?.outcome === 'passed'
      ? 'It connects, over WebSocket and over polling.'
      : `It connects over WebSocket. Polling does not get through: ${describeReason(polling)}.`;
  }
  if (polling?.outcome === 'passed') {
    return `It connects over polling only. WebSocket does not get through: ${describeReason(websocket)}.`;
  }
  const said = [polling, websocket].find((verdict) => verdict?.outcome === outcome);
  if (outcome === 'refused') return `It is refused: ${describeReason(said)}.`;
  if (outcome === 'not-socket.io') return `No Socket.IO server answers there: ${describeReason(said)}.`;
  return `The server cannot be reached: ${describeReason(said)}.`;
}

/** The code and the rule; a code of Engine.IO, a bare number, says nothing to anybody. */
function describeReason(verdict: Verdict | undefined): string {
  const code = /^[A-Z]/.test(verdict?.code ?? '') ? verdict?.code : undefined;
  return [code, verdict?.rule].filter(Boolean).join(', by the rule ') || 'for an unknown reason';
}

const askedOf = (attempts: readonly Verdict[], transport: Verdict['transport']) =>
  attempts.find((verdict) => verdict.isAsked && verdict.transport === transport);
