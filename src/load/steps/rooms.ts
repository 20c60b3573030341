import { isProtocolRoom, protocolIdOf } from '../../contract/rooms.ts';
import { request } from './request.ts';
import { connected, each, nameOf } from './sockets.ts';
import { defineStep } from './step.ts';

interface RoomArgs {
  room: string;
  /** The code of the refusal that is expected. */
  refused?: string;
}

const matchOf = ({ refused }: { refused?: string }) =>
  refused === undefined ? {} : { match: { ok: false, error: { code: refused } } };

const outcomeOf = (args: { refused?: string }, done: string) =>
  args.refused === undefined ? done : `is refused (${args.refused})`;

export const join = defineStep<RoomArgs>({
  nature: 'acts',
  isJudged: ({ refused }) => refused !== undefined,
  describe: (args, label) => `${nameOf(label)} joins ${args.room}${args.refused ? ' and is refused' : ''}`,
  async run(args, stage, { label }) {
    const room = String(args.room);
    const [event, payload] = isProtocolRoom(room)
      ? ['protocol:join', { protocolId: protocolIdOf(room) }]
      : ['room:join', { room }];
    return [
      await each(
        connected(stage, label),
        async (member) => void (await request(stage, member, event as string, payload, matchOf(args))),
      ),
    ];
  },
});

export const leave = defineStep<RoomArgs>({
  nature: 'acts',
  describe: ({ room }, label) => `${nameOf(label)} leaves ${room}`,
  async run(args, stage, { label }) {
    const room = String(args.room);
    // `protocol:leave` names no room, and leaves whichever it is.
    const [event, payload, expected] = isProtocolRoom(room)
      ? ['protocol:leave', undefined, { match: { left: room } }]
      : ['room:leave', { room }, {}];
    return [
      await each(
        connected(stage, label),
        async (member) =>
          void (await request(stage, member, event as string, payload, { ...expected, ...matchOf(args) })),
      ),
    ];
  },
});

export const switchProtocol = defineStep<{ protocolId: string | number; refused?: string }>({
  nature: 'acts',
  describe: (args, label) => `${nameOf(label)} switches to protocol ${args.protocolId} ${outcomeOf(args, '')}`.trim(),
  async run(args, stage, { label }) {
    const payload = { protocolId: args.protocolId };
    return [
      await each(
        connected(stage, label),
        async (member) => void (await request(stage, member, 'protocol:join', payload, matchOf(args))),
      ),
    ];
  },
});
