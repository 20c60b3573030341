import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';

/** For answers that are data, never a page: nothing in them may be run, framed, guessed at or kept. */
const HEADERS = Object.entries({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
});

const ONE_YEAR_SECONDS = 31_536_000;

export function setSecurityHeaders(request: IncomingMessage, response: ServerResponse): void {
  for (const [name, value] of HEADERS) response.setHeader(name, value);
  if (request.socket instanceof TLSSocket) {
    response.setHeader('Strict-Transport-Security', `max-age=${ONE_YEAR_SECONDS}`);
  }
}
