import { type IncomingMessage, ServerResponse } from 'node:http';
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

/** What engine.io lets be done before it answers; for an upgrade `response` is a stand-in that cannot answer. */
type Middleware = (request: IncomingMessage, response: unknown, next: () => void) => void;

/** The same for the answers of Socket.IO over HTTP, refusals too. Call it before what refuses. */
export function secureSocketAnswers(engine: { use(middleware: Middleware): void }): void {
  engine.use((request, response, next) => {
    if (response instanceof ServerResponse) setSecurityHeaders(request, response);
    next();
  });
}
