import type { ErrorCode, RtError } from '../contract/errors.ts';

type Detail = RtError['detail'];
type Advice = string | readonly string[] | ((detail: Detail) => string | readonly string[]);

/** What to type next, by the code of what went wrong. A command that knows more says it itself. */
export function adviceFor({ code, detail }: Pick<RtError, 'code' | 'detail'>): readonly string[] {
  const advice: Advice = ADVICE[code];
  return [typeof advice === 'function' ? advice(detail) : advice].flat().map((line) => `Next: ${line}`);
}

const NEW_TOKEN = 'make a new one with `rtserver token --user ID` (--admin for an administrator).';
const JOIN_AGAIN = 'connect again with `rtserver join ROOM --user ID`.';
const LATER = 'try again in a moment';

const ADVICE: Readonly<Record<ErrorCode, Advice>> = {
  UNAUTHENTICATED: 'give --user (a token is then made with the secret), or --token.',
  CREDENTIALS_IN_QUERY: 'take the token out of the URL, and pass it with --token.',
  TOKEN_INVALID: 'ask why with `rtserver token verify TOKEN`.',
  TOKEN_EXPIRED: NEW_TOKEN,
  TOKEN_REVOKED: NEW_TOKEN,
  KEYS_UNAVAILABLE: `${LATER}; if it stays so, check that the server reaches auth.jwksUri.`,
  // Whatever has not the two dots of a JWT is looked for among the sessions, the half of a token too.
  SESSION_INVALID: [
    'pass the whole token: one without its two dots is taken for a session.',
    'or make a new one with `rtserver token --user ID` (--admin for an administrator) or `rtserver session create --user ID`.',
  ],
  SESSION_REVOKED: 'make a new one with `rtserver session create --user ID`.',
  MAX_CONNECTIONS_EXCEEDED: ({ limit }) => [
    'see them with `rtserver ls sockets --user ID`, close them with `rtserver kick --user ID`.',
    `allow more than ${limit ?? 'that'} with \`rtserver start --max-connections-per-user N\`.`,
  ],
  SERVER_AT_CAPACITY: 'see who is there with `rtserver ls users`; then try again later, or raise limits.connections.',
  STORE_UNAVAILABLE: `${LATER}; if it stays so, check that the server reaches its Redis (redis.url).`,
  FORBIDDEN: 'administrators need the scope "admin": `rtserver token --user ID --admin`.',
  ORIGIN_NOT_ALLOWED: 'let it in with `rtserver start --origin ORIGIN` (cors.origins).',
  HEARTBEAT_TIMEOUT: 'see what holds up this client or the network; heartbeat.timeout says how long it may take.',
  KICKED: JOIN_AGAIN,
  REPLACED: 'use another user, or see who else connects as this one with `rtserver ls sockets --user ID`.',
  SLOW_CONSUMER: 'read faster, join fewer rooms, or raise limits.bufferedBytes.',
  RATE_LIMITED: 'try again in a few seconds, more slowly; or raise limits.eventsPerSecond or limits.connectsPerSecond.',
  SERVER_SHUTDOWN: `${LATER}, when it or its successor runs; or start one with \`rtserver start\`.`,
  PAYLOAD_INVALID: 'correct what it names; `rtserver <command> --help` says what a command takes.',
  ROOM_INVALID: 'a name has 1 to 128 characters, none of them a space or a control character.',
  ROOM_FORBIDDEN:
    'make a token that may join it: `rtserver token --user ID --room PATTERN`; a user: room is filled by the server alone.',
  ROOM_LIMIT_EXCEEDED: 'join fewer rooms, or raise limits.roomsPerSocket.',
  EVENT_UNKNOWN: 'see which events the server knows with `rtserver ls events`.',
  ACK_TIMEOUT: 'give it longer with --timeout, or see who is connected with `rtserver ls sockets`.',
  EVENT_RESERVED:
    'choose another name: Socket.IO keeps connect, disconnect and their like for itself, the server ready, pong and closing.',
  SERVER_NOT_RUNNING: 'start one with `rtserver start`.',
  ADAPTER_FAILED: `${LATER}; if it stays so, check that the server reaches its Redis (redis.url).`,
  NOT_FOUND: 'see what is there with `rtserver ls sockets`, and whether --url is the URL of an rtserver.',
  STATE_NOT_SAVED: 'see that the state file of the server, or its Redis, can be written to; then do it again.',
  CONFIG_INVALID: ({ key, file, isBroken }) =>
    key === 'state.file'
      ? onStateFile(String(file), isBroken === true)
      : // What a Redis says comes with its own.
        key === 'redis.url'
        ? []
        : 'see what is set, and where, with `rtserver config`.',
  SERVER_ALREADY_RUNNING: 'one is enough in a process: use the one that runs.',
  ADDRESS_IN_USE: 'choose another port with --port, or any free one with --port 0.',
  SERVER_UNREACHABLE: ({ reason }) =>
    /certificate|issuer/i.test(String(reason))
      ? 'trust its certificate: NODE_EXTRA_CA_CERTS=ca.pem rtserver …; `rtserver probe URL` says more.'
      : 'start a server here with `rtserver start`, or name another with --url.',
  INTERNAL: ({ correlationId }) =>
    correlationId === undefined
      ? 'look into the log of the server.'
      : `look into the log of the server for the correlationId ${correlationId}.`,
};

function onStateFile(file: string, isBroken: boolean): string {
  return isBroken
    ? `put a backup of it in its place; without one, mv '${file}' '${file}.broken': sessions then end, and tokens that were revoked are good again until they expire.`
    : 'let this user read and write it and its folder, or name another with RTSERVER_STATE_FILE.';
}
