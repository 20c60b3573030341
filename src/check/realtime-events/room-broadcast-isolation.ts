import type { Scenario } from '../scenario.ts';

export const roomBroadcastIsolation: Scenario = {
  title: 'Room broadcast isolation',
  spec: 'realtime-events',
  requirement: 'Room Management',
  does: 'Puts users into a room, into one whose name begins the same, and into none, and emits to the first.',
  expects: 'only who is in the room receives the event',
  async run(context) {
    const { expect } = context;
    const room = context.name('room');
    const rooms = [room, `${room}-2`, undefined];
    const [inside, beside, outside] = await Promise.all(
      rooms.map(async (each, at) => {
        const peer = await context.connect(context.name(`user-${at}`));
        const joined = each === undefined ? { ok: true } : await peer.request('room:join', { room: each });
        expect.matches(`joining ${each ?? 'nothing'}`, joined, { ok: true });
        return peer;
      }),
    );
    if (inside === undefined || beside === undefined || outside === undefined) return;
    const id = await context.publish({ rooms: [room] });
    await context.receives(inside, id);
    expect.equal('what reached a socket in another room', await context.receivedOf(beside, [id]), []);
    expect.equal('what reached a socket in no room', await context.receivedOf(outside, [id]), []);
  },
};
