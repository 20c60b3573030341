import type { IncomingMessage } from 'node:http';
import { correlationIdOf } from '../contract/correlation-id.ts';
import { ERRORS } from '../contract/errors.ts';
import type { RtServer } from './connection.ts';
import { refuseRequest } from './refuse-request.ts';
import type { Guard, TurnedAway } from './turned-away.ts';

/** Beside the connections there are transports on their way in, and refused ones on their way out. */
const SPARE_FACTOR = 2;
const SPARE = 100;

/**
 * Keeps transports that never become connections from growing without bound: `limits.connections` counts from CONNECT on, since
 * only there a client can be told in Socket.IO's own words.
 *
 * @param limits without `connections` nothing is bounded
 */
export function guardTransports(
  io: RtServer,
  limits: { readonly connections?: number | undefined },
  onRefused: (client: TurnedAway) => void,
): Guard {
  return (request, response) => {
    const limit = (limits.connections ?? Number.POSITIVE_INFINITY) * SPARE_FACTOR + SPARE;
    if (io.engine.clientsCount < limit || !isNew(request)) return true;
    const correlationId = correlationIdOf(request.headers);
    onRefused({ origin: request.headers.origin, correlationId, request });
    const code = 'SERVER_AT_CAPACITY';
    const { message, retry } = ERRORS[code];
    refuseRequest(request, response, '503 Service Unavailable', { code, message, retry, correlationId });
    return false;
  };
}

const isNew = ({ url = '' }: IncomingMessage) => !new URL(url, 'http://server').searchParams.has('sid');
