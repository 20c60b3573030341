import { authRefresh } from './auth-refresh.ts';
import type { Handler } from './context.ts';
import { ping } from './ping.ts';
import { protocolJoin, protocolLeave } from './protocol.ts';
import { roomJoin, roomLeave } from './room.ts';

/** Client event to what handles it. */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  ping,
  'protocol:join': protocolJoin,
  'protocol:leave': protocolLeave,
  'room:join': roomJoin,
  'room:leave': roomLeave,
  'auth:refresh': authRefresh,
};
