import type { IncomingMessage } from 'node:http';

/** A client that was turned away before its handshake. */
export interface TurnedAway {
  origin: string | undefined;
  correlationId: string;
  request: IncomingMessage;
}

/** Lets a request to engine.io in, or refuses it. `response` is a stand-in that cannot answer where it is an upgrade. */
export type Guard = (request: IncomingMessage, response: unknown) => boolean;
