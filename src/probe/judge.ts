import { type ErrorCode, isErrorCode } from '../contract/errors.ts';
import { type Answer, type Attempt, type HttpRefusal, type ProbeResults, STRANGER } from './attempt.ts';
import { explainCode } from './explain-code.ts';
import { explainHttp } from './explain-http.ts';
import { explainEnd, explainMiddleware, explainUnanswered } from './explain-middleware.ts';
import { explainProtocol, explainScheme, explainTimeout, explainTls, explainUnreachable } from './explain-network.ts';
import type { Verdict } from './verdict.ts';

/** What one answer means by itself. */
export interface Judgement extends Pick<Verdict, 'outcome' | 'status' | 'code' | 'message' | 'correlationId'> {
  rule?: string | undefined;
  reason?: string | undefined;
  advice?: string | undefined;
}

/** Judges one answer, without a look at the others. */
export function judge(attempt: Attempt, results: ProbeResults, now: number): Judgement {
  const { answer } = attempt;
  const { url, timeoutMs, surroundings } = results;
  if (surroundings.speaks !== undefined && answer.kind !== 'skipped') {
    return { outcome: 'unreachable', message: messageOf(answer), ...explainScheme(surroundings.speaks, url) };
  }
  switch (answer.kind) {
    case 'connected':
      return { outcome: 'passed', message: answer.userId === undefined ? undefined : `as user ${answer.userId}` };
    case 'skipped':
      return { outcome: 'skipped', message: answer.message };
    case 'refused':
    case 'ended':
      return judgeRefusal(answer, attempt, results, now);
    case 'http':
      return judgeHttp(answer, attempt, results, now);
    case 'protocol':
      return { outcome: 'not-socket.io', message: answer.message, ...explainProtocol(answer) };
    case 'timeout':
      return { outcome: 'unreachable', message: answer.message, ...explainTimeout(timeoutMs) };
    case 'unanswered':
      return { outcome: 'refused', message: answer.message, ...explainUnanswered(timeoutMs) };
    case 'tls':
      return { outcome: 'unreachable', code: answer.errno, message: answer.message, ...explainTls(answer.errno) };
    case 'unreachable': {
      const code = answer.errno === '' ? undefined : answer.errno;
      return { outcome: 'unreachable', code, message: answer.message, ...explainUnreachable(answer.errno, url) };
    }
  }
}

function judgeRefusal(
  { kind, code, message, data = {} }: Extract<Answer, { kind: 'refused' | 'ended' }>,
  attempt: Attempt,
  results: ProbeResults,
  now: number,
): Judgement {
  if (isErrorCode(code)) return { message, ...judgeCode(code, data, attempt, results, now) };
  const explanation =
    kind === 'ended' ? explainEnd(message) : explainMiddleware(message, attempt.hasToken, results.namespace);
  return { outcome: 'refused', code, message, ...explanation };
}

function judgeHttp(answer: HttpRefusal, attempt: Attempt, results: ProbeResults, now: number): Judgement {
  const { status } = answer;
  const problem = readProblem(answer);
  // A 404 of our own HTTP API is an answer to a wrong path, whatever its code.
  if (problem !== undefined && status !== 404) {
    return { status, message: problem.message, ...judgeCode(problem.code, problem.data, attempt, results, now) };
  }
  return { status, ...explainHttp(answer, { transport: attempt.transport, url: results.url, path: results.path }) };
}

function judgeCode(
  code: ErrorCode,
  data: Readonly<Record<string, unknown>>,
  { origin, hasToken }: Attempt,
  { token }: ProbeResults,
  now: number,
): Judgement {
  const correlationId = typeof data['correlationId'] === 'string' ? data['correlationId'] : undefined;
  const explanation = explainCode(code, { data, origin, token: hasToken ? token : undefined, now });
  // A page that nobody knows is meant to be refused.
  const isMeant = origin === STRANGER && explanation.rule === 'cors.origins';
  return { outcome: 'refused', code, correlationId, ...explanation, ...(isMeant && { advice: undefined }) };
}

function readProblem({ body }: HttpRefusal) {
  try {
    const data = JSON.parse(body) as Record<string, unknown> | null;
    const code = data?.['code'];
    return isErrorCode(code)
      ? { code, data: data ?? {}, message: String(data?.['message'] ?? data?.['title']) }
      : undefined;
  } catch {
    return undefined;
  }
}

function messageOf(answer: Answer): string | undefined {
  return 'message' in answer ? answer.message : answer.kind === 'http' ? `HTTP ${answer.status}` : undefined;
}
