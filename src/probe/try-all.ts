import { DEFAULT_PATH } from '../contract/server-url.ts';
import {
  type Answer,
  type Attempt,
  type CorsAnswer,
  isOfSocketIo,
  type ProbeResults,
  STRANGER,
  type Surroundings,
} from './attempt.ts';
import { answersAt, readCors, readTls, speaksHttp } from './look-around.ts';
import { type ProbeOptions, resolveTarget, type Target } from './target.ts';
import { readTokenFacts } from './token-facts.ts';
import { tryConnection } from './try-connection.ts';

interface Variant {
  origin: string | undefined;
  token: string | undefined;
}

/**
 * Tries what was asked for and, where somebody is there to answer, without the origin, without the token, without both,
 * and as a page that nobody knows. One connection at a time, so that a limit of connections is not met by the probe itself.
 */
export async function tryAll(options: ProbeOptions): Promise<ProbeResults> {
  const target = resolveTarget(options);
  const { origin, token } = options;
  const asked: Variant = { origin, token };
  const attempts = await tryVariant(target, asked, true);
  // A server that lets in and puts out again has to be watched each time.
  const isThorough = attempts.some(({ answer }) => answer.kind === 'ended');
  const isAnswered = attempts.some(({ answer }) => isWorthAsking(answer));
  for (const variant of isAnswered ? otherVariants(asked) : []) {
    attempts.push(...(await tryVariant(target, variant, false, isThorough)));
  }
  const cors: CorsAnswer[] = [];
  for (const page of isAnswered ? new Set([origin ?? STRANGER, STRANGER]) : []) {
    const answer = await readCors(target, page);
    if (answer !== undefined) cors.push(answer);
  }
  const { url, path, namespace, timeoutMs } = target;
  return {
    url,
    path,
    namespace,
    origin,
    token: token === undefined ? undefined : readTokenFacts(token),
    timeoutMs,
    attempts,
    cors,
    surroundings: await lookAround(target, attempts),
  };
}

async function tryVariant(
  target: Target,
  { origin, token }: Variant,
  isAsked: boolean,
  isThorough = isAsked,
): Promise<Attempt[]> {
  const about = { origin, hasToken: token !== undefined, isAsked };
  const attempts: Attempt[] = [];
  for (const transport of ['polling', 'websocket'] as const) {
    const { answer, upgrade } = await tryConnection(target, { transport, origin, token, isThorough });
    attempts.push({ transport, ...about, answer });
    if (upgrade !== undefined) attempts.push({ transport: 'upgrade', ...about, answer: upgrade });
  }
  return attempts;
}

function otherVariants({ origin, token }: Variant): Variant[] {
  return [
    ...(origin === undefined ? [] : [{ origin: undefined, token }]),
    ...(token === undefined ? [] : [{ origin, token: undefined }]),
    ...(origin === undefined || token === undefined ? [] : [{ origin: undefined, token: undefined }]),
    ...(origin === STRANGER ? [] : [{ origin: STRANGER, token }]),
  ];
}

/** Where nobody answers, or something else than a Socket.IO server, further tries would say the same again. */
function isWorthAsking(answer: Answer): boolean {
  if (answer.kind === 'http') return [400, 401, 403, 429].includes(answer.status);
  return isOfSocketIo(answer);
}

async function lookAround(target: Target, attempts: readonly Attempt[]): Promise<Surroundings> {
  const asked = attempts.filter(({ isAsked }) => isAsked).map(({ answer }) => answer);
  const isSecure = target.url.startsWith('https:');
  if (asked.some(isOfSocketIo)) {
    return isSecure && target.tls !== undefined ? { certificateProblem: (await readTls(target)).problem } : {};
  }
  const isBroken = asked.some(isBrokenOff);
  if (isSecure) return isBroken && (await speaksHttp(target)) ? { speaks: 'http' } : await lookForPath(target, asked);
  return isBroken && (await readTls(target)).speaksTls ? { speaks: 'https' } : await lookForPath(target, asked);
}

/** Somebody took the connection and did not understand. */
function isBrokenOff(answer: Answer): boolean {
  if (answer.kind === 'http') return answer.status === 400;
  if (answer.kind === 'unreachable') return ['ECONNRESET', 'EPIPE', ''].includes(answer.errno);
  return answer.kind === 'tls' || answer.kind === 'protocol' || answer.kind === 'timeout';
}

async function lookForPath(target: Target, answers: readonly Answer[]): Promise<Surroundings> {
  const isNotHere = answers.some(({ kind }) => kind === 'http' || kind === 'protocol');
  const mayBeElsewhere = isNotHere && target.path !== DEFAULT_PATH;
  return mayBeElsewhere && (await answersAt(target, DEFAULT_PATH)) ? { otherPath: DEFAULT_PATH } : {};
}
