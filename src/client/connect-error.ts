import type { Socket } from 'socket.io-client';
import { isErrorCode, RtError } from '../contract/errors.ts';
import { isSentError, toRtError } from './to-rt-error.ts';

/** What socket.io-client hangs on its errors, by where they come from: a refusal, an XHR, a WebSocket. */
interface ConnectError extends Error {
  data?: unknown;
  description?: unknown;
  context?: { responseText?: unknown };
}

/** The error of a `connect_error`: the server's own words where there are any. */
export function fromConnectError(error: ConnectError, socket: Socket, url: string): RtError {
  // Socket.IO goes on by itself, except where it was the server that said no.
  if (!socket.active) return toRefusal(error);
  const status = statusOf(error.description);
  if (status === undefined) {
    return new RtError('SERVER_UNREACHABLE', { reason: `no answer from ${url}` }, { cause: error });
  }
  const body = parseBody(error.context?.responseText);
  if (isSentError(body)) return toRtError(body);
  const reason = `${url} answered with HTTP status ${status}, and not as an rtserver`;
  return new RtError(status === 403 ? 'FORBIDDEN' : 'SERVER_UNREACHABLE', { reason, status }, { cause: error });
}

/**
 * The error of a refusal, also of one by an application in its own words: `FORBIDDEN` then, with the message as the reason and
 * what it sent (`retry` too) as the detail.
 */
export function toRefusal({ message, data }: Pick<ConnectError, 'message' | 'data'>): RtError {
  const facts = typeof data === 'object' ? data : null;
  const sent: object = { message, ...facts };
  if (isSentError(sent) && isErrorCode(sent.code)) return toRtError(sent);
  return new RtError('FORBIDDEN', { ...facts, reason: message });
}

/** Polling gives the status itself, a WebSocket under Node an event whose text has it, a browser's WebSocket nothing. */
function statusOf(description: unknown): number | undefined {
  if (typeof description === 'number') return description === 0 ? undefined : description;
  const text = (description as { message?: unknown } | undefined)?.message;
  const status = /unexpected server response: (\d{3})/i.exec(String(text))?.[1];
  return status === undefined ? undefined : Number(status);
}

function parseBody(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
