import { RtError } from '../../contract/errors.ts';
import { type Handler, readField } from './context.ts';

export const roomJoin: Handler = (payload, connection, { rooms }) => ({
  room: rooms.join(connection, requireRoom(payload)),
});

export const roomLeave: Handler = (payload, connection, { rooms }) => ({
  room: rooms.leave(connection, requireRoom(payload)),
});

function requireRoom(payload: unknown): string {
  const room = readField(payload, 'room');
  if (typeof room !== 'string') throw new RtError('PAYLOAD_INVALID', { reason: 'room must be a string' });
  return room;
}
