import { type IncomingMessage, ServerResponse } from 'node:http';
import type { ClosingCode } from '../contract/closings.ts';
import type { ErrorCode } from '../contract/errors.ts';
import type { Log } from '../contract/log-names.ts';
import type { RefusalInfo } from '../contract/resources.ts';
import type { RtServer, RtSocket } from './connection.ts';
import type { MayConnectFrom } from './origin.ts';
import { guardOrigins } from './origin-guard.ts';
import { guardPackets } from './packet-guard.ts';
import { guardTransports } from './transport-guard.ts';
import type { TurnedAway } from './turned-away.ts';
import { guardVersion } from './version-guard.ts';

export interface EntranceContext {
  /** Sets the headers of whatever is answered over HTTP. */
  prepareAnswer(request: IncomingMessage, response: ServerResponse): void;
  mayConnectFrom: MayConnectFrom;
  limits: { readonly connections?: number | undefined };
  addressOf(request: IncomingMessage): string;
  recordRefusal(refusal: RefusalInfo): void;
  /** Ends the connections on a transport; returns how many there were. */
  closeTransport(transport: RtSocket['conn'], code: ClosingCode): number;
  log: Log;
}

/** Turns clients away that must not get as far as a handshake. Call it once Socket.IO is attached. */
export function guardEntrance(io: RtServer, context: EntranceContext): void {
  function refused(code: ErrorCode, { origin, correlationId, request }: TurnedAway, reason?: string): void {
    const address = context.addressOf(request);
    const about = { code, address, ...(origin !== undefined && { origin }), correlationId };
    context.recordRefusal({ at: Date.now(), kind: 'refused', ...about });
    context.log.warn('connection.refused', { ...about, ...(reason !== undefined && { reason }) });
  }

  const guards = [
    guardVersion,
    guardOrigins(context.mayConnectFrom, (client) => refused('ORIGIN_NOT_ALLOWED', client)),
    guardTransports(io, context.limits, (client) => refused('SERVER_AT_CAPACITY', client)),
  ];
  // In one: each middleware of engine.io is four promises for every request.
  io.engine.use((request: IncomingMessage, response: unknown, next: () => void) => {
    if (response instanceof ServerResponse) context.prepareAnswer(request, response);
    if (guards.every((admits) => admits(request, response))) next();
  });
  guardPackets(
    io,
    (transport) => context.closeTransport(transport, 'RATE_LIMITED'),
    (client, reason) => refused('RATE_LIMITED', client, reason),
  );
}
