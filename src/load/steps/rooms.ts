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

const outcomeOf = ({ refused }: { refused?: string }) => (refused === undefined ? '' : ' and is refused');

const isJudged = ({ refused }: { refused?: string }) => refused !== undefined;

export const join = defineStep<RoomArgs>({
  nature: 'acts',
  isJudged,
  describe: (args, label) => `${nameOf(label)} joins ${args.room}${outcomeOf(args)}`,
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
  isJudged,
  describe: (args, label) => `${nameOf(label)} leaves ${args.room}${outcomeOf(args)}`,
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
  isJudged,
  describe: (args, label) => `${nameOf(label)} switches to protocol ${args.protocolId}${outcomeOf(args)}`,
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
