import { ERRORS, type ErrorCode } from '../contract/errors.ts';
import type { RefusalRow } from '../contract/snapshot.ts';
import type { StatLimits } from '../contract/stats.ts';
import { formatDuration } from '../contract/units.ts';

type Explanation = (row: RefusalRow, limits: StatLimits | undefined) => string;

/** Why it happened and what would let the client in, in one line. Codes without an entry speak for themselves. */
const WHY: Partial<Record<ErrorCode, Explanation>> = {
  UNAUTHENTICATED: () =>
    'no token came with the connection: pass auth.token, a Bearer header or the cookie rtserver.sid',
  CREDENTIALS_IN_QUERY: () => 'the token stood in the URL, which ends up in logs: pass it as auth.token',
  TOKEN_INVALID: () =>
    'signed with another secret, for another audience, or malformed: rtserver token verify says which',
  TOKEN_EXPIRED: ({ kind }) =>
    kind === 'closed'
      ? 'the token ran out on the live socket: send auth:refresh with a new one before that'
      : 'the token had run out before it came: the client needs a fresh one',
  TOKEN_REVOKED: () => 'the token was revoked: a new one, issued after the revocation, gets in',
  SESSION_INVALID: () => 'no such session, or it has expired: create one with rtserver session create',
  MAX_CONNECTIONS_EXCEEDED: (_row, limits) =>
    `the user already has ${limits?.connectionsPerUser ?? 'all'} connections (limits.connectionsPerUser)`,
  SERVER_AT_CAPACITY: (_row, limits) =>
    `the server holds ${limits?.connections ?? 'all'} connections (limits.connections)`,
  ORIGIN_NOT_ALLOWED: ({ origin }) => `${origin ?? 'a client without an origin'} is not in cors.origins`,
  HEARTBEAT_TIMEOUT: (_row, limits) =>
    `no ping for ${limits === undefined ? 'too long' : formatDuration(limits.heartbeatTimeoutMs)} (heartbeat.timeout)`,
  SLOW_CONSUMER: (_row, limits) =>
    `it did not read: more than ${limits?.bufferedBytes ?? 'the allowed'} bytes waited for it (limits.bufferedBytes)`,
  RATE_LIMITED: ({ kind }, limits) =>
    kind === 'closed'
      ? `more than ${limits?.eventsPerSecond ?? 'the allowed'} events a second for 5 s (limits.eventsPerSecond)`
      : 'too many connections a second from this address (limits.connectsPerSecond)',
  KICKED: () => 'an administrator closed it',
  REPLACED: () => 'a newer connection of the same user took its place (limits.onExceeded)',
  FORBIDDEN: () => 'the token does not allow it; administrators need the scope "admin"',
};

export function explainRefusal(row: RefusalRow, limits: StatLimits | undefined): string {
  return WHY[row.code]?.(row, limits) ?? ERRORS[row.code]?.message ?? 'a code that this version does not know';
}
