import type { ErrorCode } from '../src/contract/errors.ts';
import { SYSTEM_EVENTS } from '../src/contract/events.ts';

interface ErrorText {
  /** When it comes. */
  cause: string;
  /** What whoever meets it can do. */
  action: string;
}

/** For the reference alone: clients carry the table of codes, and need not carry this. */
export const ERROR_TEXTS: Readonly<Record<ErrorCode, ErrorText>> = {
  UNAUTHENTICATED: { cause: 'No token, or none that is a non-empty string.', action: 'Send it as `auth.token`.' },
  CREDENTIALS_IN_QUERY: {
    cause: 'A token stands in the query string.',
    action: 'Send it as `auth.token`: URLs end up in logs.',
  },
  TOKEN_INVALID: {
    cause: 'Signature, form, algorithm, issuer, audience, `nbf` or `sub` is wrong; `reason` says which.',
    action: 'Ask why with `rtserver token verify TOKEN`.',
  },
  TOKEN_EXPIRED: {
    cause: 'The `exp` of the token has passed.',
    action: 'Get a new one; on a live socket before that: `auth:refresh`.',
  },
  TOKEN_REVOKED: { cause: 'The token, or every token of its user, was revoked.', action: 'Sign in again.' },
  KEYS_UNAVAILABLE: {
    cause: 'The JWK Set cannot be fetched, and no key is known.',
    action: 'Look at `auth.jwksUri`; clients try again.',
  },
  SESSION_INVALID: {
    cause: 'The session token is unknown or has run out.',
    action: 'Create a session: `rtserver session create`.',
  },
  MAX_CONNECTIONS_EXCEEDED: {
    cause: 'The user has `limits.connectionsPerUser` connections; `limit` and `current` say how many.',
    action: 'Close one (`rtserver kick`), raise the limit, or set `limits.onExceeded: replace-oldest`.',
  },
  SERVER_AT_CAPACITY: {
    cause: 'All `limits.connections` are taken.',
    action: 'Try again later; add a node, or raise the limit.',
  },
  STORE_UNAVAILABLE: {
    cause:
      'Redis is away, and `limits.whenStoreDown` is `refuse`: nobody knows how many connections the user has elsewhere. Or a worker began meanwhile, and no other was left to tell it what is revoked.',
    action: 'Clients try again; look at `/readyz` and at Redis.',
  },
  FORBIDDEN: {
    cause: 'An HTTP request without the scope `admin`, or the application has said no.',
    action: '`rtserver token --user ID --admin` makes an administrator token.',
  },
  ORIGIN_NOT_ALLOWED: {
    cause: 'A page of an origin that `cors.origins` does not list.',
    action: 'List it; `rtserver probe` shows the rule.',
  },
  HEARTBEAT_TIMEOUT: {
    cause: 'No `ping` within `heartbeat.timeout`.',
    action: 'Send them, as `rtserver/client` does by itself.',
  },
  SESSION_REVOKED: { cause: "The session, or all of the user's, was revoked.", action: 'Sign in again.' },
  KICKED: { cause: 'An administrator closed the connection.', action: 'Do not come back by yourself.' },
  REPLACED: {
    cause: 'A newer connection of the user came, with `replace-oldest`.',
    action: 'Nothing: the newer one lives.',
  },
  SLOW_CONSUMER: {
    cause: 'Over `limits.bufferedBytes` waited for this client.',
    action: 'Read faster, or subscribe to less; then come back.',
  },
  RATE_LIMITED: {
    cause: 'More than `limits.eventsPerSecond` events; closed after 5 s of it.',
    action: 'Send less often, or raise the limit.',
  },
  SERVER_SHUTDOWN: { cause: 'The server stops gracefully.', action: 'Connect again, after a moment.' },
  PAYLOAD_INVALID: {
    cause: 'A payload or body that its schema refuses; the message names the field.',
    action: 'Correct it.',
  },
  ROOM_INVALID: {
    cause: 'A name that is not 1 to 128 characters without spaces and control characters.',
    action: 'Choose another.',
  },
  ROOM_FORBIDDEN: {
    cause: 'A `user:` room, a room of a module, or one that the `rooms` claim does not list.',
    action: 'Join `protocol:` rooms by `protocol:join`; give the token the room: `rtserver token --room PATTERN`.',
  },
  ROOM_LIMIT_EXCEEDED: {
    cause: 'The socket is in `limits.roomsPerSocket` rooms.',
    action: 'Leave some, or raise the limit.',
  },
  EVENT_UNKNOWN: {
    cause: 'A client sent an event that nobody handles, or an event was emitted that is not declared.',
    action: 'Correct the name, add a handler, or declare it with `defineEvents`; `rtserver ls events` lists them.',
  },
  ACK_TIMEOUT: {
    cause: 'No acknowledgement within the time: a client that does not call `acknowledge` in its listener gives none.',
    action:
      'Let the client call it: `client.on(event, (payload, acknowledge) => acknowledge?.())`; or raise `ack.timeout`.',
  },
  EVENT_RESERVED: {
    cause: `Socket.IO keeps this name for itself (\`connect\`, \`disconnect\` and others), or the server (${SYSTEM_EVENTS.map((name) => `\`${name}\``).join(', ')}).`,
    action: 'Choose another.',
  },
  SERVER_NOT_RUNNING: {
    cause: 'The library was used before `createRealtimeServer()` or after `close()`.',
    action: 'Create the server first.',
  },
  ADAPTER_FAILED: {
    cause: 'What hands events on, to other nodes too, failed.',
    action: 'Look into the log for `event.failed`; try again.',
  },
  NOT_FOUND: { cause: 'No such route.', action: 'Compare it with the routes in [http-api.md](http-api.md).' },
  STATE_NOT_SAVED: {
    cause: '`state.file` cannot be written: the change may not survive a restart.',
    action: 'Mend the disk, and send it again.',
  },
  CONFIG_INVALID: {
    cause: 'A setting is wrong; the message names the key and what would be right.',
    action: '`rtserver config` shows what is in force.',
  },
  SERVER_ALREADY_RUNNING: {
    cause: 'A second `createRealtimeServer()` in one process.',
    action: 'Use `getRealtimeServer()`, or `close()` the first.',
  },
  ADDRESS_IN_USE: { cause: 'Another program listens on the port.', action: 'Stop it, or choose another: `--port`.' },
  SERVER_UNREACHABLE: {
    cause: 'Nobody answers there, or no rtserver.',
    action: 'Start one, or name another: `--url`; `rtserver probe URL` says more.',
  },
  INTERNAL: {
    cause: 'A mistake of the server or the application.',
    action: "Look for the `correlationId` in the server's log.",
  },
};
