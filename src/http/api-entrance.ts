import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'express';
import type { Authority } from '../auth/authority.ts';
import { RtError } from '../contract/errors.ts';
import { setSecurityHeaders } from './headers.ts';

/** Serves a request or hands it on, with what went wrong if something did. Plain Node, in Express or without it. */
export type Handler = (request: IncomingMessage, response: ServerResponse, next: (thrown?: unknown) => void) => void;

/** A request whose body was read; `undefined` where it has none that is JSON. */
export type ReadRequest = IncomingMessage & { readonly body?: unknown };

/** What every request to the API passes: an administrator, who sends JSON or nothing. */
export function createEntrance(authority: Pick<Authority, 'authorizeAdmin'>): Handler {
  const readJson = json({ limit: '1mb', strict: false });

  return function enter(request: ReadRequest, response, next) {
    setSecurityHeaders(request, response);
    // Before the body is read: nobody makes the server parse a megabyte without having shown a token.
    authority
      .authorizeAdmin(request.headers)
      .then(() => {
        readJson(request, response, (thrown?: unknown) => {
          if (thrown !== undefined || request.body !== undefined || !hasBody(request)) next(thrown);
          else next(Object.assign(new Error('the body must be application/json'), { status: 415 }));
        });
      })
      .catch((thrown) => next(thrown ?? new RtError('INTERNAL')));
  };
}

/** What a route makes of a request without a body is its own affair. */
function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return length !== '0' || encoding !== undefined;
}

export const setHeaders: Handler = (request, response, next) => {
  setSecurityHeaders(request, response);
  next();
};
