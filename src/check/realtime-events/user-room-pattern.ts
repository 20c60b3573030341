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
    await anna.request('protocol:join', { protocolId: context.name('1') });
    await anna.request('protocol:join', { protocolId: context.name('2') });
    await anna.request('room:join', { room });
    await anna.request('room:leave', { room });
    await anna.request('protocol:leave');
    const forbidden = { ok: false, error: { code: 'ROOM_FORBIDDEN' } };
    expect.matches('leaving the personal room', await anna.request('room:leave', { room: own }), forbidden);
    const foreign = await anna.request('room:join', { room: `user:${context.name('ben')}` });
    expect.matches('entering the personal room of another user', foreign, forbidden);
    const [socket] = await context.socketsOf(userId);
    expect.equal('the personal rooms after all that', socket?.rooms.filter(isPersonalRoom), [own]);
    await context.receives(anna, await context.publish({ rooms: [own] }));
  },
};
