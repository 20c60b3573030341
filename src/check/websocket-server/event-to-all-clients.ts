import type { Scenario } from '../scenario.ts';

export const eventToAllClients: Scenario = {
  title: 'Event to all clients',
  spec: 'websocket-server',
  requirement: 'Event emission',
  does: 'Connects users in different rooms, in none and over polling, and emits without a target.',
  expects: 'every one of them receives the event, once',
  async run(context) {
    const { expect } = context;
    const peers = [
      await context.connect(context.name('anna')),
      await context.connect(context.name('ben')),
      await context.connect(context.name('cleo'), { transports: ['polling'] }),
    ] as const;
    const inRoom = await peers[0].request('room:join', { room: context.name('room') });
    expect.matches('a join', inRoom, { ok: true });
    const inProtocol = await peers[1].request('protocol:join', { protocolId: context.name('1') });
    expect.matches('the join of a protocol', inProtocol, { ok: true });
    const id = await context.publish();
    for (const peer of peers) {
      await context.receives(peer, id);
      await context.receivedOf(peer, [id]);
      const times = peer.received.filter(({ payload }) => (payload as { id?: unknown } | undefined)?.id === id).length;
      expect.equal('how often it arrived', times, 1);
    }
  },
};
