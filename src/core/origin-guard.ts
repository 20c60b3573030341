import { correlationIdOf } from '../contract/correlation-id.ts';
import { ERRORS } from '../contract/errors.ts';
import type { MayConnectFrom } from './origin.ts';
import { refuseRequest } from './refuse-request.ts';
import type { Guard, TurnedAway } from './turned-away.ts';

/**
 * Turns unauthorized origins away before Socket.IO sees them, on both transports. CORS headers alone would not: no browser
 * asks before it opens a WebSocket.
 */
export function guardOrigins(mayConnectFrom: MayConnectFrom, onRefused: (refusal: TurnedAway) => void): Guard {
  return (request, response) => {
    const { origin } = request.headers;
    if (mayConnectFrom(origin)) return true;
    const correlationId = correlationIdOf(request.headers);
    onRefused({ origin, correlationId, request });
    const code = 'ORIGIN_NOT_ALLOWED';
    const body = { code, message: ERRORS[code].message, origin: origin ?? null, correlationId };
    refuseRequest(request, response, '403 Forbidden', body);
    return false;
  };
}
