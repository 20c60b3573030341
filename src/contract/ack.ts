import { ERRORS, type ErrorCode, type RtError } from './errors.ts';

/** The acknowledgement of a client's event: `ok` tells the two shapes apart. */
export type Ack<Result extends object = object> = ({ ok: true } & Result) | AckFailure;

export interface AckFailure {
  ok: false;
  error: { code: string; message: string };
}

/** One recipient's answer to an event that was emitted with an acknowledgement. */
export type RecipientAck =
  | { socketId: string; userId: string; ok: true; value: unknown }
  | { socketId: string; userId: string; ok: false; error: { code: ErrorCode; message: string } };

export function toAckFailure(error: RtError): AckFailure {
  return { ok: false, error: { code: error.code, message: error.message } };
}

/** The failure of a code with the table's own sentence. */
export function ackFailure(code: ErrorCode): AckFailure & { error: { code: ErrorCode } } {
  return { ok: false, error: { code, message: ERRORS[code].message } };
}

export function isAckFailure(value: unknown): value is AckFailure {
  if (typeof value !== 'object' || value === null) return false;
  const { ok, error } = value as { ok?: unknown; error?: { code?: unknown } };
  return ok === false && typeof error?.code === 'string';
}
