import { type IncomingMessage, ServerResponse } from 'node:http';
import type { RtServer } from './connection.ts';
import { refuseUpgrade } from './refuse-request.ts';

/**
 * Refuses WebSockets of another version of Engine.IO with what it answers to polling ones. By itself it would accept the
 * upgrade first and then write HTTP into it.
 */
export function guardVersion(io: RtServer): void {
  io.engine.use((request: IncomingMessage, response: unknown, next: () => void) => {
    const versions = new URL(request.url ?? '', 'http://server').searchParams.getAll('EIO');
    if ((versions.length === 1 && versions[0] === '4') || response instanceof ServerResponse) next();
    else refuseUpgrade(request, '400 Bad Request', { code: 5, message: 'Unsupported protocol version' });
  });
}
