import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS, isRtError, RtError } from '../contract/errors.ts';
import type { Problem } from '../contract/resources.ts';
import { setSecurityHeaders } from './headers.ts';

/** What Express's own parsers throw: `status` says whose fault it was. */
interface HttpError {
  status: number;
  type?: string;
  message: string;
}

const PARSER_DETAILS: Readonly<Record<string, string>> = {
  'entity.too.large': 'the body is larger than 1 MiB',
  'encoding.unsupported': 'the content encoding is not supported',
  'charset.unsupported': 'the charset is not supported; send UTF-8',
  'request.aborted': 'the request was cut off',
};

/** Turns whatever a route threw into an error of the contract and the status of its answer. */
export function toProblemError(error: unknown): { error: RtError; status: number } {
  if (isRtError(error)) return { error, status: error.httpStatus };
  if (isHttpError(error) && error.status >= 400 && error.status < 500) {
    const reason = PARSER_DETAILS[error.type ?? ''] ?? error.message;
    return { error: new RtError('PAYLOAD_INVALID', { reason }, { cause: error }), status: error.status };
  }
  return { error: new RtError('INTERNAL', {}, { cause: error }), status: 500 };
}

function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && typeof (error as { status?: unknown }).status === 'number';
}

/** Answers with `application/problem+json` (RFC 9457). Plain Node, so that it works outside Express too. */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  error: RtError,
  status: number,
  correlationId: string,
): void {
  const { code } = error;
  const { reason, ...more } = error.detail;
  const problem: Problem & Record<string, unknown> = {
    ...more,
    type: `urn:rtserver:error:${code}`,
    title: ERRORS[code].message,
    status,
    code,
    detail: typeof reason === 'string' ? reason : ERRORS[code].message,
    correlationId,
  };
  const body = JSON.stringify(problem);
  setSecurityHeaders(request, response);
  response.writeHead(status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'X-Correlation-Id': correlationId,
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    // A body that was not read to its end leaves the connection in an unknown state.
    ...(!request.complete && { Connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
