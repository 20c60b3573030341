import { ERRORS, type ErrorCode } from './errors.ts';

/** Why the server ends a connection that it had let in. */
export type ClosingCode = Extract<
  ErrorCode,
  | 'HEARTBEAT_TIMEOUT'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_REVOKED'
  | 'SESSION_REVOKED'
  | 'KICKED'
  | 'REPLACED'
  | 'SLOW_CONSUMER'
  | 'RATE_LIMITED'
  | 'SERVER_SHUTDOWN'
>;

/** Payload of the event `closing`, the last one before the server disconnects a socket. */
export interface Closing {
  code: ClosingCode;
  message: string;
  /** May the client come back by itself, with the same credentials? */
  retry: boolean;
  /** The same id stands in the server's log entry `connection.closed`. */
  correlationId: string;
}

/** `data` of the `connect_error` of a refused connection; some codes add fields (`limit`, `reason`, `expiredAt`). */
export interface Refusal {
  code: ErrorCode;
  message: string;
  retry: boolean;
  /** The same id stands in the server's log entry `connection.refused`. */
  correlationId: string;
  [detail: string]: unknown;
}

export function createClosing(code: ClosingCode, correlationId: string): Closing {
  const { message, retry } = ERRORS[code];
  return { code, message, retry, correlationId };
}
