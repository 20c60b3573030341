import type { EventSchemas, RefreshResult, RegisteredEvents } from '../contract/events.ts';
import { openConnection } from './connection.ts';
import type { ConnectOptions, RealtimeClient } from './realtime-client.ts';

/**
 * Connects to an rtserver: sends the heartbeats, prefers WebSocket, comes back after a lost connection, and turns refusals
 * into errors with a `code`.
 *
 * ```ts
 * const client = connect('https://api.example', { token: () => fetchToken() });
 * client.on('protocol:updated', ({ version }) => show(version));
 * client.on('ready', () => client.joinProtocol(7));
 * await client.ready;
 * ```
 *
 * @throws RtError `CONFIG_INVALID` for a `url` that is none
 */
export function connect<Schemas extends EventSchemas = RegisteredEvents>(
  url: string,
  options: ConnectOptions = {},
): RealtimeClient<Schemas> {
  const connection = openConnection(url, options);
  const { socket, requests, ready, closed } = connection;

  return {
    ready,
    closed,
    socket,
    get isConnected() {
      return socket.connected;
    },
    // The overloads of the interface give the types; Socket.IO hands over whatever arrives.
    on(event: string, handler: (...args: never[]) => void) {
      socket.on(event, handler as (...args: unknown[]) => void);
      return () => void socket.off(event, handler as (...args: unknown[]) => void);
    },
    onAny(handler) {
      const listener = (event: string, ...args: unknown[]) => {
        const last = args.at(-1);
        const acknowledge = typeof last === 'function' ? (last as (value?: unknown) => void) : undefined;
        handler(event, acknowledge !== undefined && args.length === 1 ? undefined : args[0], acknowledge);
      };
      socket.onAny(listener);
      return () => void socket.offAny(listener);
    },
    onClosing(handler) {
      socket.on('closing', handler);
      return () => void socket.off('closing', handler);
    },
    join: (room) => requests.send('room:join', { room }),
    leave: (room) => requests.send('room:leave', { room }),
    joinProtocol: (protocolId) => requests.send('protocol:join', { protocolId }),
    leaveProtocol: () => requests.send('protocol:leave', {}),
    async refresh(token) {
      const result = await requests.send<RefreshResult>('auth:refresh', { token });
      connection.replaceToken(token);
      return result;
    },
    ping: () => requests.send('ping', {}),
    emit: (event, payload) => requests.send(event, payload),
    close: connection.close,
  };
}
