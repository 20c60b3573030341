import type { IncomingMessage } from 'node:http';

/** A client that was turned away before its handshake. */
export interface TurnedAway {
  origin: string | undefined;
  correlationId: string;
  request: IncomingMessage;
}
