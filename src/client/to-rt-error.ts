import { ERRORS, isErrorCode, RtError } from '../contract/errors.ts';

/** An error as the server sends it: a refusal, a closing, a failed acknowledgement. */
interface SentError {
  code: string;
  message: string;
  [detail: string]: unknown;
}

/** The `RtError` that the server had in hand; a code that this version does not know becomes `INTERNAL`. */
export function toRtError({ code, message, ...detail }: SentError): RtError {
  if (!isErrorCode(code)) return new RtError('INTERNAL', { ...detail, reason: `${code}: ${message}` });
  const known = `${ERRORS[code].message}: `;
  const reason = message.startsWith(known) ? { reason: message.slice(known.length) } : {};
  return new RtError(code, { ...reason, ...detail });
}

export function isSentError(value: unknown): value is SentError {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message } = value as Partial<SentError>;
  return typeof code === 'string' && typeof message === 'string';
}
