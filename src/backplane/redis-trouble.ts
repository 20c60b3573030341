import { RtError } from '../contract/errors.ts';

/** A way in which a Redis is of no use, and how it shows. */
interface Trouble {
  /** The code of the error, or the beginning of what Redis said. */
  sign: RegExp;
  why: string;
  next: string;
  /** Trying again changes nothing. */
  isFinal?: true;
}

const ANOTHER = 'or name another with --redis or redis.url';
const OR_PLAIN = 'and that it speaks TLS: if not, begin the URL with redis://';
const PASSWORD = 'give the right ones as redis://USER:PASSWORD@HOST:PORT, out of sight in RTSERVER_REDIS_URL';

const TROUBLES: readonly Trouble[] = [
  { sign: /^ECONNREFUSED/, why: 'nothing listens there', next: `start Redis there, ${ANOTHER}` },
  {
    sign: /^(?:ECONNRESET|EPIPE)/,
    why: 'it ends the connection',
    next: 'begin the URL with rediss:// if it speaks TLS; if not, look at its log',
  },
  {
    sign: /^DENIED/,
    why: 'it lets nobody in from another machine (protected mode)',
    ...{ next: 'give it a password (requirepass), and the URL too', isFinal: true },
  },
  {
    sign: /^ERR max number of clients/,
    why: 'it takes no more connections',
    next: `raise its maxclients, ${ANOTHER}`,
  },
  { sign: /^(?:ENOTFOUND|EAI_AGAIN)/, why: 'there is no such host', next: `correct the name, ${ANOTHER}` },
  {
    sign: /^(?:NOAUTH|ERR operation not permitted)/,
    why: 'it wants a password',
    ...{ next: PASSWORD, isFinal: true },
  },
  {
    sign: /^(?:WRONGPASS|ERR invalid password|ERR invalid username-password)/,
    why: 'it does not take this user and password',
    ...{ next: PASSWORD, isFinal: true },
  },
  {
    sign: /^NOPERM/,
    why: 'its user may not do all that a node needs',
    next: 'give the user the rights that docs/cluster.md lists',
    isFinal: true,
  },
  {
    sign: /^ERR DB index/,
    why: 'it has no such database',
    ...{ next: 'name one that it has, at the end of the URL', isFinal: true },
  },
  {
    sign: /^READONLY/,
    why: 'it is a read-only replica',
    next: 'name its primary with --redis or redis.url',
  },
  {
    sign: /^(?:-?OOM|ERR OOM)/,
    why: 'its memory is full (maxmemory), and its policy lets nothing go',
    next: `give it more, such as redis-cli CONFIG SET maxmemory 1gb, ${ANOTHER}`,
  },
  {
    sign: /^MISCONF/,
    why: 'it takes no writes, because it cannot save them to its disk',
    next: `look at its log, ${ANOTHER}`,
  },
  {
    sign: /^(?:MASTERDOWN|LOADING)/,
    why: 'it is not ready',
    next: `wait until redis-cli PING says PONG, ${ANOTHER}`,
  },
  {
    sign: /^(?:MOVED|CROSSSLOT|ERR SELECT is not allowed in cluster|ERR unknown command)/,
    why: 'it is no single Redis, but a Sentinel or a part of a Redis Cluster',
    next: 'name a Redis by itself with --redis or redis.url',
  },
  {
    sign: /^(?:Unknown RESP type 21 |Protocol error, got "\\u0015)/,
    why: 'it speaks TLS',
    ...{ next: 'begin the URL with rediss://', isFinal: true },
  },
  {
    sign: /^(?:Unknown RESP type|Protocol error)/,
    why: 'what answers there is no Redis',
    ...{ next: 'correct the host and the port of --redis or redis.url', isFinal: true },
  },
  {
    sign: /^(?:ERR_SSL_|EPROTO)/,
    why: 'it does not speak TLS',
    ...{ next: 'begin the URL with redis://, if the way to it is safe', isFinal: true },
  },
  {
    sign: /^(?:SELF_SIGNED_CERT|DEPTH_ZERO_|UNABLE_TO_|CERT_|ERR_TLS_)/,
    why: 'its certificate is not trusted here',
    ...{ next: 'trust it: NODE_EXTRA_CA_CERTS=ca.pem rtserver start …', isFinal: true },
  },
];

const signOf = (error: Error) => (error as NodeJS.ErrnoException).code ?? error.message;
const findTrouble = (error: Error) => TROUBLES.find(({ sign }) => sign.test(signOf(error)));

/** Is it an answer that trying again does not change? */
export const isFinal = (error: Error): boolean => findTrouble(error)?.isFinal ?? false;

/** Why a server cannot begin with this Redis; an error that says so already stays as it is. */
export function toStartError(cause: unknown, url: string): RtError {
  if (cause instanceof RtError) return cause;
  const error = cause instanceof Error ? cause : undefined;
  const known = error && findTrouble(error);
  const { why, next } = known ?? {
    why: 'no answer',
    next: `see that it runs, ${url.startsWith('rediss:') ? OR_PLAIN : ANOTHER}`,
  };
  // Of the raw text the first word at most: it may hold anything.
  const [sign] = error === undefined ? [] : (/^[A-Z][A-Z_]{2,}\b/.exec(signOf(error)) ?? []);
  const where = `redis.url: Redis at ${withoutPassword(url)} cannot be used: ${why}`;
  const reason = `${where}${sign === undefined ? '' : ` (${sign})`}. Next: ${next}`;
  return new RtError('CONFIG_INVALID', { key: 'redis.url', reason }, { cause });
}

function withoutPassword(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
