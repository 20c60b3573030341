import type { Scenario } from '../scenario.ts';

export const broadcastToRoom: Scenario = {
  title: 'Broadcast to room',
  spec: 'websocket-server',
  requirement: 'Room management',
  does: 'Puts two users into one protocol and one into another, and emits to the first.',
  expects: 'both users of the protocol receive the event, the one of the other protocol does not',
  async run(context) {
    const { expect } = context;
    const protocolId = context.name('1');
    const [anna, ben, cleo] = [
      await context.connect(context.name('anna')),
      await context.connect(context.name('ben')),
      await context.connect(context.name('cleo')),
    ];
    for (const peer of [anna, ben]) {
      expect.matches('a join', await peer.request('protocol:join', { protocolId }), { ok: true });
    }
    // A name that begins the same: rooms are compared whole.
    const other = await cleo.request('protocol:join', { protocolId: `${protocolId}0` });
    expect.matches('the join of the other protocol', other, { ok: true });
    const id = await context.publish({ rooms: [`protocol:${protocolId}`] });
    for (const peer of [anna, ben]) await context.receives(peer, id);
    expect.equal('what reached the other protocol', await context.receivedOf(cleo, [id]), []);
  },
};
