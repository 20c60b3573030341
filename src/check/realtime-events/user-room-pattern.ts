import { isPersonalRoom } from '../../contract/rooms.ts';
import type { Scenario } from '../scenario.ts';

export const userRoomPattern: Scenario = {
  title: 'User room pattern',
  spec: 'realtime-events',
  requirement: 'Room Management',
  does: 'Moves a connected user between other rooms, tries to leave `user:<userId>`, and to enter that of another user.',
  expects: 'the socket stays in its own personal room for as long as it is connected, and in no other one',
  async run(context) {
    const { expect } = context;
    const userId = context.name('anna');
    const anna = await context.connect(userId);
    const own = `user:${userId}`;
    const room = context.name('room');
    const moves: [event: string, payload?: object][] = [
      ['protocol:join', { protocolId: context.name('1') }],
      ['protocol:join', { protocolId: context.name('2') }],
      ['room:join', { room }],
      ['room:leave', { room }],
      ['protocol:leave'],
    ];
    for (const [event, payload] of moves) {
      expect.matches(`the answer to ${event}`, await anna.request(event, payload), { ok: true });
    }
    const forbidden = { ok: false, error: { code: 'ROOM_FORBIDDEN' } };
    expect.matches('leaving the personal room', await anna.request('room:leave', { room: own }), forbidden);
    const foreign = await anna.request('room:join', { room: `user:${context.name('ben')}` });
    expect.matches('entering the personal room of another user', foreign, forbidden);
    const personal = async () => (await context.socketsOf(userId)).flatMap(({ rooms }) => rooms.filter(isPersonalRoom));
    await expect.eventually('the personal rooms after all that', personal, [own]);
    await context.receives(anna, await context.publish({ rooms: [own] }));
  },
};
