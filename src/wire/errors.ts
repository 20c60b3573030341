import type { IncomingHttpHeaders } from 'node:http';

/**
 * What went wrong on a wire:
 * `unreachable` nobody answered (refused, unknown host, reset) · `tls` the secure channel failed · `http` the server
 * answered with an HTTP status instead of a connection · `protocol` it answered something that is not Engine.IO ·
 * `timeout` a wait ran out · `closed` the connection ended while something was awaited; where it broke off, its cause is
 * the error that it broke off with.
 */
export type WireErrorKind = 'unreachable' | 'tls' | 'http' | 'protocol' | 'timeout' | 'closed';

/** An answer in HTTP, whole. */
export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export class WireError extends Error {
  override readonly name = 'WireError';
  readonly kind: WireErrorKind;
  /** The HTTP answer that came instead of a connection, where there was one. */
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders | undefined;
  readonly body: string | undefined;

  constructor(kind: WireErrorKind, message: string, options: { answer?: HttpAnswer; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.status = options.answer?.status;
    this.headers = options.answer?.headers;
    this.body = options.answer?.body;
  }

  /** The body of the answer where it is a JSON object: a refused origin comes as `{ code, message, … }`. */
  get json(): Record<string, unknown> | undefined {
    try {
      const value: unknown = JSON.parse(this.body ?? '');
      return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** The server said no in HTTP. */
export function httpError(url: URL, answer: HttpAnswer): WireError {
  const said = answer.body.length > 200 ? `${answer.body.slice(0, 200)}…` : answer.body;
  return new WireError('http', `${url.origin} answered HTTP ${answer.status}${said && `: ${said}`}`, { answer });
}

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|EPROTO$)/;

/** An error of node's sockets or of `ws` as one of ours. */
export function toWireError(url: URL, error: NodeJS.ErrnoException): WireError {
  if (error instanceof WireError) return error;
  const code = error.code ?? '';
  // Where a host name has several addresses, node's error has an empty message.
  const message = `${url.origin}: ${error.message || code}`;
  if (TLS_CODE.test(code)) return new WireError('tls', message, { cause: error });
  return new WireError(/^E[A-Z]/.test(code) && !code.startsWith('ERR_') ? 'unreachable' : 'protocol', message, {
    cause: error,
  });
}
