import { RtError } from '../../contract/errors.ts';
import { type Handler, readField } from './context.ts';

export const protocolJoin: Handler = (payload, connection, { rooms }) => {
  const protocolId = readField(payload, 'protocolId');
  if (protocolId === undefined) throw new RtError('PAYLOAD_INVALID', { reason: 'protocolId is missing' });
  return rooms.switchProtocol(connection, protocolId);
};

export const protocolLeave: Handler = (_payload, connection, { rooms }) => rooms.leaveProtocol(connection);
