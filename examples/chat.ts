import { defineEvents, defineHandler, defineModule, RtError } from 'rtserver';
import { z } from 'zod';

/** What members of a chat room receive. */
export const events = defineEvents({
  'chat:message': z.object({ room: z.string(), from: z.string(), text: z.string() }),
  'chat:joined': z.object({ room: z.string(), userId: z.string() }),
});

declare module 'rtserver' {
  interface Register {
    events: typeof events;
  }
}

/** Claimed as the module's own, so that no client can enter a chat room by `room:join` and skip the checks below. */
const PREFIX = 'chat/';
const chatRoom = (room: string) => PREFIX + room;

const named = z.object({ room: z.string().regex(/^[a-z0-9-]{1,40}$/) });

/** `chat:join`, `chat:say` and `chat:leave`: rooms and handlers that only this module knows. */
export const chat = defineModule({
  name: 'chat',
  roomPrefix: PREFIX,
  handlers: {
    'chat:join': defineHandler(named, ({ room }, { join, emitter, userId }) => {
      join(chatRoom(room));
      emitter.emit('chat:joined', { room, userId }, { rooms: [chatRoom(room)] });
      return { room };
    }),

    'chat:say': defineHandler(named.extend({ text: z.string().min(1).max(1_000) }), ({ room, text }, context) => {
      if (!context.socket.rooms.has(chatRoom(room))) throw new RtError('ROOM_FORBIDDEN', { reason: 'join it first' });
      const message = { room, from: context.userId, text };
      const result = context.emitter.emit('chat:message', message, { rooms: [chatRoom(room)] });
      return { recipients: result.ok ? result.recipients : 0 };
    }),

    'chat:leave': defineHandler(named, ({ room }, { leave }) => {
      leave(chatRoom(room));
      return { room };
    }),
  },
});
