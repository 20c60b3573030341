import { setTimeout } from 'node:timers/promises';
import type { Socket } from 'socket.io';
import { CHECK_EVENT } from '../../src/check/event-names.ts';
import type { EmitFailureReason, EmitRequest, EmitResponse } from '../../src/contract/emission.ts';
import type { OtherServer } from './other-server.ts';

/** How events leave the other server. */
export interface Emission {
  /** Sends; of an emission with an acknowledgement it only says whom to ask. */
  send(request: EmitRequest): EmitResponse;
  /** The same, acknowledgements included. */
  ask(request: EmitRequest): Promise<EmitResponse>;
}

export function createEmission({ io, log, has }: OtherServer): Emission {
  const { adapter, sockets } = io.of('/');

  function findFault({ event, payload }: EmitRequest): EmitFailureReason | undefined {
    if (event === 'disconnect') return 'EVENT_RESERVED';
    if (event !== CHECK_EVENT) return has('takes any event') ? undefined : 'EVENT_UNKNOWN';
    const isValid = typeof (payload as { id?: unknown } | undefined)?.id === 'string';
    return isValid || has('checks no payload') ? undefined : 'PAYLOAD_INVALID';
  }

  /** The sockets that a target matches; `undefined` for all. */
  function resolve(to: NonNullable<EmitRequest['to']>): Set<string> | undefined {
    const { users, rooms, sockets: ids } = to === 'all' ? {} : to;
    if (users === undefined && rooms === undefined && ids === undefined) return undefined;
    if (rooms?.some((room) => !room.startsWith('user:')) && has('leaks from rooms to everyone')) return undefined;
    if (users !== undefined && has('leaks from users to everyone')) return undefined;
    const names = [...(rooms ?? []), ...(ids ?? [])];
    if (has('leaks to rooms with a longer name')) {
      names.push(...[...adapter.rooms.keys()].filter((name) => rooms?.some((room) => name.startsWith(room))));
    }
    const found = new Set(names.flatMap((name) => [...(adapter.rooms.get(name) ?? [])]));
    for (const user of users ?? []) {
      const all = [...(adapter.rooms.get(`user:${user}`) ?? [])];
      for (const id of has('reaches one socket of each user') ? all.slice(0, 1) : all) found.add(id);
    }
    return found;
  }

  function deliver(event: string, payload: unknown, ids: ReadonlySet<string> | undefined): void {
    // Through the adapter, which is what keeps events for a replay.
    if (ids !== undefined) {
      if (ids.size > 0) io.to([...ids]).emit(event, payload);
    } else if (has('broadcasts only to WebSockets')) {
      for (const socket of sockets.values())
        if (socket.conn.transport.name === 'websocket') socket.emit(event, payload);
    } else {
      io.emit(event, payload);
      if (has('broadcasts twice')) io.emit(event, payload);
    }
  }

  function send(request: EmitRequest): EmitResponse {
    const { event, to = {}, ack } = request;
    const reason = findFault(request);
    if (reason !== undefined) {
      if (!has('logs no failed emissions')) log(40, 'event.failed', { event, reason });
      return { ok: false, reason };
    }
    const payload: unknown = has('loses what is null')
      ? JSON.parse(JSON.stringify(request.payload), (_key, value) => value ?? undefined)
      : request.payload;
    const ids = resolve(to);
    if (ack === undefined) deliver(event, payload, ids);
    const level = has('logs emissions as information') ? 30 : 20;
    if (!has('logs no emissions')) log(level, 'event.emitted', { event, targets: to, recipients: ids?.size });
    return { ok: true, recipients: ids?.size ?? sockets.size };
  }

  return {
    send,
    async ask(request) {
      const result = send(request);
      if (request.ack === undefined || !result.ok) return result;
      const asked = [...(resolve(request.to ?? {}) ?? [])].flatMap((id) => sockets.get(id) ?? []);
      const timeoutMs = has('waits for acknowledgements for ever') ? 60_000 : (request.ack.timeoutMs ?? 5_000);
      const others = has('asks one socket of several') ? asked.splice(1) : [];
      const acks = await Promise.all([
        ...asked.map((socket) => askOne(socket, request, timeoutMs)),
        ...others.map((socket) => setTimeout(timeoutMs, unanswered(socket))),
      ]);
      return { ...result, acks: has('swallows acknowledgements') ? [] : acks };
    },
  };
}

async function askOne(socket: Socket, { event, payload }: EmitRequest, timeoutMs: number) {
  try {
    return { ...nameOf(socket), ok: true, value: await socket.timeout(timeoutMs).emitWithAck(event, payload) } as const;
  } catch {
    return unanswered(socket);
  }
}

const nameOf = ({ id, data }: Socket) => ({ socketId: id, userId: String(data.userId) });
const unanswered = (socket: Socket) =>
  ({ ...nameOf(socket), ok: false, error: { code: 'ACK_TIMEOUT', message: 'No acknowledgement in time' } }) as const;
