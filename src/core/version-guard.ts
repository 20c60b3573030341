import { type IncomingMessage, ServerResponse } from 'node:http';
import { refuseUpgrade } from './refuse-request.ts';
import type { Guard } from './turned-away.ts';

/**
 * Refuses WebSockets of another version of Engine.IO with what it answers to polling ones. By itself it would accept the
 * upgrade first and then write HTTP into it.
 */
export const guardVersion: Guard = (request: IncomingMessage, response: unknown) => {
  if (response instanceof ServerResponse) return true;
  const versions = new URL(request.url ?? '', 'http://server').searchParams.getAll('EIO');
  if (versions.length === 1 && versions[0] === '4') return true;
  refuseUpgrade(request, '400 Bad Request', { code: 5, message: 'Unsupported protocol version' });
  return false;
};
