/** What is said about one code wherever it appears: to a client, over HTTP, in a log and by a command. */
interface ErrorEntry {
  /** The sentence that a client gets. Fixed: applications and translations key on the code, people read this. */
  readonly message: string;
  /** May the same client try again later without changing anything? */
  readonly retry: boolean;
  /** The status of an HTTP answer that carries this code. */
  readonly httpStatus: number;
}

/**
 * Every code of the contract, once. A refusal (`connect_error`), a closing, a failed acknowledgement and an HTTP problem
 * all draw from this table, so that the same trouble has the same name everywhere.
 */
export const ERRORS = {
  // Refusals of a connection, and of an HTTP request
  UNAUTHENTICATED: { message: 'Authentication required', retry: false, httpStatus: 401 },
  CREDENTIALS_IN_QUERY: {
    message: 'Credentials must not be sent in the query string',
    retry: false,
    httpStatus: 400,
  },
  TOKEN_INVALID: { message: 'Invalid token', retry: false, httpStatus: 401 },
  TOKEN_EXPIRED: { message: 'Token expired', retry: false, httpStatus: 401 },
  TOKEN_REVOKED: { message: 'Token revoked', retry: false, httpStatus: 401 },
  KEYS_UNAVAILABLE: { message: 'Keys to verify the token are not available', retry: true, httpStatus: 503 },
  SESSION_INVALID: { message: 'Session not found or expired', retry: false, httpStatus: 401 },
  MAX_CONNECTIONS_EXCEEDED: { message: 'Max connections exceeded', retry: false, httpStatus: 429 },
  SERVER_AT_CAPACITY: { message: 'Server is at capacity', retry: true, httpStatus: 503 },
  STORE_UNAVAILABLE: { message: 'The limits of the cluster cannot be checked', retry: true, httpStatus: 503 },
  FORBIDDEN: { message: 'Not allowed', retry: false, httpStatus: 403 },
  ORIGIN_NOT_ALLOWED: { message: 'Origin not allowed', retry: false, httpStatus: 403 },

  // Closings of a connection
  HEARTBEAT_TIMEOUT: { message: 'No heartbeat in time', retry: true, httpStatus: 408 },
  SESSION_REVOKED: { message: 'Session revoked', retry: false, httpStatus: 401 },
  KICKED: { message: 'Closed by an administrator', retry: false, httpStatus: 403 },
  REPLACED: { message: 'Replaced by a newer connection of the same user', retry: false, httpStatus: 409 },
  SLOW_CONSUMER: { message: 'Too much data waiting for this client', retry: true, httpStatus: 503 },
  RATE_LIMITED: { message: 'Too many events', retry: true, httpStatus: 429 },
  SERVER_SHUTDOWN: { message: 'Server is shutting down', retry: true, httpStatus: 503 },

  // Answers to an event of a client
  PAYLOAD_INVALID: { message: 'Invalid payload', retry: false, httpStatus: 400 },
  ROOM_INVALID: { message: 'Invalid room name', retry: false, httpStatus: 400 },
  ROOM_FORBIDDEN: { message: 'Not allowed in this room', retry: false, httpStatus: 403 },
  ROOM_LIMIT_EXCEEDED: { message: 'Too many rooms', retry: false, httpStatus: 429 },
  EVENT_UNKNOWN: { message: 'Nobody handles this event', retry: false, httpStatus: 404 },
  ACK_TIMEOUT: { message: 'No acknowledgement in time', retry: true, httpStatus: 504 },

  // Reasons why an emission did not happen
  EVENT_RESERVED: { message: 'This event name is reserved', retry: false, httpStatus: 400 },
  SERVER_NOT_RUNNING: { message: 'No realtime server is running', retry: true, httpStatus: 503 },
  ADAPTER_FAILED: { message: 'The event could not be handed on', retry: true, httpStatus: 503 },

  // HTTP requests, the library and the command line
  NOT_FOUND: { message: 'Not found', retry: false, httpStatus: 404 },
  STATE_NOT_SAVED: { message: 'The change could not be saved', retry: true, httpStatus: 503 },
  CONFIG_INVALID: { message: 'Invalid configuration', retry: false, httpStatus: 500 },
  SERVER_ALREADY_RUNNING: {
    message: 'A realtime server is already running in this process',
    retry: false,
    httpStatus: 409,
  },
  ADDRESS_IN_USE: { message: 'The address is in use', retry: false, httpStatus: 500 },
  SERVER_UNREACHABLE: { message: 'The server cannot be reached', retry: true, httpStatus: 502 },
  INTERNAL: { message: 'Internal error', retry: true, httpStatus: 500 },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}

/** Also one of another copy of this package, which an application may have loaded beside this one. */
export function isRtError(value: unknown): value is RtError {
  return (
    value instanceof RtError ||
    (value instanceof Error && value.name === 'RtError' && 'code' in value && isErrorCode(value.code))
  );
}

/** Facts about one occurrence that are safe to show to the client, for example `{ limit: 3, current: 3 }`. */
export type ErrorDetail = Readonly<Record<string, unknown>>;

/**
 * The one error of this project. `code` is what programs act on; `message` is the table's sentence, followed by
 * `detail.reason` where there is one. `cause` is for the log and never reaches a client.
 */
export class RtError extends Error {
  override readonly name = 'RtError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail = {}, options?: ErrorOptions) {
    super(
      typeof detail['reason'] === 'string' ? `${ERRORS[code].message}: ${detail['reason']}` : ERRORS[code].message,
      options,
    );
    this.code = code;
    this.detail = detail;
  }

  /** May the same be tried again, unchanged? By the table, unless the server said something else about this occurrence. */
  get retry(): boolean {
    const { retry } = this.detail;
    return typeof retry === 'boolean' ? retry : ERRORS[this.code].retry;
  }

  /** The status of an HTTP answer that says it. */
  get httpStatus(): number {
    return ERRORS[this.code].httpStatus;
  }
}
