import { ERRORS, type ErrorCode } from '../contract/errors.ts';
import { formatRoughly } from '../contract/units.ts';
import { explainInvalidToken } from './explain-invalid-token.ts';
import type { Explanation, RefusalFacts } from './verdict.ts';

/** A refusal or closing with a code of the contract, in words. */
export function explainCode(code: ErrorCode, facts: RefusalFacts): Explanation {
  return EXPLANATIONS[code]?.(facts) ?? { rule: code, reason: `The server says: ${ERRORS[code].message}.` };
}

const EXPLANATIONS: Partial<Record<ErrorCode, (facts: RefusalFacts) => Explanation>> = {
  ORIGIN_NOT_ALLOWED: ({ origin }) => explainOrigin(origin),
  UNAUTHENTICATED: ({ token }) =>
    token === undefined
      ? {
          rule: 'auth: token required',
          reason: 'The server wants a token, and none was sent.',
          advice:
            'Send one: --token "$(rtserver token --user ID)" here, `io(url, { auth: { token } })` in a client (or the header Authorization: Bearer, or the cookie rtserver.sid).',
        }
      : {
          rule: 'auth: token required',
          reason: 'A token was sent as auth.token, and the server did not count it as one.',
          advice: 'Look into the server’s own `authenticate`: it, or a fault in it, refused; the log entry says more.',
        },
  CREDENTIALS_IN_QUERY: () => ({
    rule: 'auth: no token in URLs',
    reason: 'The URL has a token in its query (token, access_token or auth), where it would end up in logs.',
    advice: 'Take it out of the URL; send it as auth.token: --token here, `io(url, { auth: { token } })` in a client.',
  }),
  TOKEN_INVALID: explainInvalidToken,
  TOKEN_EXPIRED: explainExpired,
  TOKEN_REVOKED: ({ token }) => ({
    rule: 'auth: revoked',
    reason: 'This token, or every token of its user issued until then, was revoked.',
    advice: `Get a token that was issued after that: rtserver token --user ${token?.subject ?? 'ID'}`,
  }),
  KEYS_UNAVAILABLE: () => ({
    rule: 'auth.jwksUri',
    reason: 'The server could not fetch the keys that tokens are verified with, so it can let nobody in.',
    advice: 'Check that the server reaches auth.jwksUri. Trying again later may help.',
  }),
  SESSION_INVALID: () => ({
    rule: 'auth: session',
    reason:
      'What was sent has not the two dots of a JWT, so it was taken for a session token, and no such session lives.',
    advice: 'Check that the whole token was passed, or make a session: rtserver session create --user ID',
  }),
  SESSION_REVOKED: () => ({
    rule: 'auth: session',
    reason: 'The session was revoked.',
    advice: 'Make a new one: rtserver session create --user ID',
  }),
  MAX_CONNECTIONS_EXCEEDED: ({ data: { limit, current }, token }) => {
    const user = token?.subject ?? 'ID';
    const counts =
      typeof limit === 'number' ? `${current ?? limit} of ${limit} connections` : 'all connections it may have';
    return {
      rule: 'limits.connectionsPerUser',
      reason: `The user${token?.subject === undefined ? '' : ` ${user}`} already has ${counts}.`,
      advice: `Close some (rtserver ls sockets --user ${user}, rtserver kick --user ${user}), or allow more: rtserver start --max-connections-per-user ${typeof limit === 'number' ? limit + 1 : 'N'} (or limits.onExceeded: replace-oldest).`,
    };
  },
  SERVER_AT_CAPACITY: () => ({
    rule: 'limits.connections',
    reason: 'The server holds as many connections as it may, all users together.',
    advice: 'Try again later, or raise limits.connections.',
  }),
  RATE_LIMITED: () => ({
    rule: 'limits.connectsPerSecond',
    reason: 'Too many connections a second came from this address, the probe’s own included.',
    advice: 'Try again in a few seconds, or raise limits.connectsPerSecond.',
  }),
  FORBIDDEN: ({ data: { reason } }) => ({
    rule: 'auth: permission',
    reason: `The server knows who this is and does not allow it${typeof reason === 'string' ? `: ${reason}` : ''}.`,
    advice:
      'Use a token with the right claims; the namespace /admin wants the scope "admin": rtserver token --user ID --admin',
  }),
  SERVER_SHUTDOWN: () => ({
    rule: 'shutdown',
    reason: 'The server is stopping and takes no new connections.',
    advice: 'Try again when it, or its successor, runs.',
  }),
  INTERNAL: () => ({
    rule: 'server error',
    reason: 'Something failed inside the server.',
    advice: 'Look into its log.',
  }),
};

function explainOrigin(origin: string | undefined): Explanation {
  if (origin === undefined) {
    return {
      rule: 'cors.requireOrigin',
      reason: 'The server lets in no client without an Origin header, and none was sent.',
      advice: 'Say which page this would be: --origin https://app.example; or set cors.requireOrigin to false.',
    };
  }
  if (origin === 'null') {
    return {
      rule: 'cors.origins',
      reason: 'Pages in a sandbox or opened from a file send the origin "null", which is never let in.',
      advice: 'Serve the page over http(s), without a sandbox.',
    };
  }
  return {
    rule: 'cors.origins',
    reason: `${origin} is none of the origins that the server lets in; scheme, host and port all count.`,
    advice: `Add it to the server: rtserver start --origin ${origin} (cors.origins in its configuration).`,
  };
}

function explainExpired({ data, token, now }: RefusalFacts): Explanation {
  const at = typeof data['expiredAt'] === 'number' ? data['expiredAt'] : token?.expiresAt;
  const when = at === undefined ? '' : ` on ${new Date(at).toISOString()}, ${formatRoughly(now - at)} ago`;
  const issuer = token?.issuer === undefined ? '' : ` It was issued by ${token.issuer}.`;
  return {
    rule: 'auth: expiry',
    reason: `The token ran out${when}.${issuer}`,
    advice: `Get a new one: rtserver token --user ${token?.subject ?? 'ID'}. Where it should still be good, compare the clocks (auth.clockToleranceSeconds).`,
  };
}
