import type { ErrorCode, RtError } from '../contract/errors.ts';

/** What to type next, by the code of what went wrong. A command that knows more says it itself. */
export function adviceFor({ code, detail }: RtError): readonly string[] {
  const advice = ADVICE[code];
  if (advice === undefined) return [];
  const lines = typeof advice === 'string' ? [advice] : advice(detail);
  return lines.map((line) => `Next: ${line}`);
}

const ADVICE: Partial<Record<ErrorCode, string | ((detail: RtError['detail']) => readonly string[])>> = {
  SERVER_UNREACHABLE: ({ reason }) => [
    /certificate|issuer/i.test(String(reason))
      ? 'trust its certificate: NODE_EXTRA_CA_CERTS=ca.pem rtserver …; `rtserver probe URL` says more.'
      : 'start a server here with `rtserver start`, or name another with --url.',
  ],
  UNAUTHENTICATED: 'give --user (a token is then made with the secret), or --token.',
  TOKEN_INVALID: 'ask why with `rtserver token verify TOKEN`.',
  TOKEN_EXPIRED: 'make a new one with `rtserver token --user ID` (--admin for an administrator).',
  TOKEN_REVOKED: 'make a new one with `rtserver token --user ID` (--admin for an administrator).',
  SESSION_INVALID: 'make a new one with `rtserver session create --user ID`.',
  SESSION_REVOKED: 'make a new one with `rtserver session create --user ID`.',
  FORBIDDEN: 'administrators need the scope "admin": `rtserver token --user ID --admin`.',
  MAX_CONNECTIONS_EXCEEDED: ({ limit }) => [
    'see them with `rtserver ls sockets --user ID`, close them with `rtserver kick --user ID`.',
    `allow more than ${limit ?? 'that'} with \`rtserver start --max-connections-per-user N\`.`,
  ],
  ROOM_FORBIDDEN:
    'make a token that may join it: `rtserver token --user ID --room PATTERN`; a user: room is filled by the server alone.',
  ROOM_LIMIT_EXCEEDED: 'join fewer rooms, or raise limits.roomsPerSocket.',
};
