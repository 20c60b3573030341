import { RtError } from '../../contract/errors.ts';
import type { BoundHandler } from '../dispatch.ts';
import { authRefresh } from './auth-refresh.ts';
import type { Handler, HandlerContext } from './context.ts';
import { ping } from './ping.ts';
import { protocolJoin, protocolLeave } from './protocol.ts';
import { roomJoin, roomLeave } from './room.ts';

/** Client event to what handles it. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  ping,
  'protocol:join': protocolJoin,
  'protocol:leave': protocolLeave,
  'room:join': roomJoin,
  'room:leave': roomLeave,
  'auth:refresh': authRefresh,
};

/**
 * One table of the server's own handlers and the modules'.
 *
 * @throws RtError `CONFIG_INVALID` where a module wants an event of the server's own
 */
export function bindHandlers(
  context: HandlerContext,
  ofModules: ReadonlyMap<string, BoundHandler>,
): ReadonlyMap<string, BoundHandler> {
  const table = new Map(ofModules);
  for (const [event, handler] of Object.entries(HANDLERS)) {
    if (table.has(event)) {
      throw new RtError('CONFIG_INVALID', {
        key: 'modules',
        reason: `a module handles "${event}", which the server handles itself`,
      });
    }
    table.set(event, (payload, connection) => handler(payload, connection, context));
  }
  return table;
}
