import type { EmitRequest, EmitResponse } from '../../src/contract/emission.ts';
import type { TestedServer } from '../hardening/built-server.ts';
import { type ConnectedSocket, connectClient } from '../support/connect.ts';
import { nextEvent, takeEvents } from '../support/next-event.ts';
import type { Place } from './places.ts';

/** Two sockets of Ann, in different rooms, one of Bob in both, and one of Cid in none; on both ways in. */
export interface Town {
  ways: readonly [TestedServer, TestedServer];
  sockets: Record<Name, ConnectedSocket>;
  /** By `POST /api/emit` of either way. */
  emit(way: number, request: EmitRequest): Promise<EmitResponse>;
  emitAll(way: number, requests: readonly EmitRequest[]): Promise<EmitResponse[]>;
  /**
   * What each socket got of `event`. No sleep: an event to everyone follows on the same way, and order is kept, so that
   * whatever was to come has come before it.
   */
  take(way: number, event: string): Promise<Record<Name, unknown[]>>;
}

export type Name = 'ann1' | 'ann2' | 'bob' | 'cid';

export async function openTown(place: Place): Promise<Town> {
  const ways = await place.open();
  const connect = ({ url, token }: TestedServer, user: string, transports = ['websocket']) =>
    connectClient(url, { token: token(user), transports });
  const sockets = {
    ann1: await connect(ways[0], 'ann'),
    ann2: await connect(ways[1], 'ann', ['polling']),
    bob: await connect(ways[1], 'bob'),
    cid: await connect(ways[0], 'cid'),
  };
  const { ann1, ann2, bob } = sockets;
  for (const [socket, room] of [
    [ann1, 'red'],
    [ann2, 'blue'],
    [bob, 'red'],
    [bob, 'blue'],
  ] as const) {
    await socket.emitWithAck('room:join', { room });
  }
  let fences = 0;

  async function post<Answer>(way: number, body: unknown): Promise<Answer> {
    const server = ways[way];
    if (server === undefined) throw new Error(`there is no way ${way}`);
    return (await (await server.request('/api/emit', { body })).json()) as Answer;
  }

  return {
    ways,
    sockets,
    emit: (way, request) => post(way, request),
    emitAll: (way, requests) => post(way, requests),
    async take(way, event) {
      const fence = ++fences;
      await post(way, { event: 'fence', payload: fence });
      const took = Object.entries(sockets).map(async ([name, socket]) => {
        await nextEvent(socket, 'fence', { match: (payload) => payload === fence });
        return [name, takeEvents(socket, event)];
      });
      return Object.fromEntries(await Promise.all(took)) as Record<Name, unknown[]>;
    },
  };
}
