import type { Scenario } from '../scenario.ts';

export const transportMethods: Scenario = {
  title: 'Transport methods',
  spec: 'realtime-events',
  requirement: 'CORS and Security Configuration',
  does: 'Connects by WebSocket alone, by polling alone, and as a client that leaves the choice to the server.',
  expects: 'both work, and the client that polls is moved to a WebSocket',
  async run(context) {
    const { expect } = context;
    for (const transport of ['websocket', 'polling'] as const) {
      const peer = await context.connect(context.name(transport), { transports: [transport], upgrade: false });
      expect.equal(
        `the transport of a client that wants ${transport}`,
        peer.socket.io.engine.transport.name,
        transport,
      );
      await context.receives(peer, await context.publish({ sockets: [peer.socket.id ?? ''] }));
    }
    const wire = await context.openWire({ transport: 'polling' });
    expect.equal('what the server offers to a client that polls', wire.open.upgrades, ['websocket']);
    const chooser = await context.connect(context.name('chooser'), { transports: ['polling', 'websocket'] });
    const name = async () => ({ transport: chooser.socket.io.engine.transport.name });
    await expect.eventually('the transport after the choice', name, { transport: 'websocket' });
  },
};
