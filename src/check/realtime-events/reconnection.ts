import type { Scenario } from '../scenario.ts';
import { forgeToken } from '../tokens.ts';

export const reconnection: Scenario = {
  title: 'Reconnection',
  spec: 'realtime-events',
  requirement: 'Connection Lifecycle Management',
  does: 'Cuts the connection of a stock client, emits to its user meanwhile, and connects again, also with a bad token.',
  expects: 'the bad token is refused; the good one is back in the personal room, and what was missed does not come',
  async run(context) {
    const { expect } = context;
    const userId = context.name('anna');
    const anna = await context.connect(userId);
    // One event before the cut: without it a client has nothing to ask a replay from.
    await context.receives(anna, await context.publish({ sockets: [anna.socket.id ?? ''] }));
    const sockets = () => context.socketsOf(userId);
    await expect.eventually('the sockets of the user before the cut', sockets, [{ id: anna.socket.id }]);
    anna.socket.io.engine.close();
    await expect.eventually('the sockets of the user after the cut', sockets, []);
    const missed = [await context.publish({ users: [userId] }), await context.publish()];

    const token = await context.tokenOf(userId);
    anna.socket.auth = { token: forgeToken(userId) };
    const refusal = await anna.open();
    expect.matches('a reconnection with a forged token', refusal ?? 'connected', { code: 'TOKEN_INVALID' });
    anna.socket.auth = { token };
    expect.equal('a reconnection with a good token', (await anna.open()) ?? 'connected', 'connected');
    const id = await context.publish({ rooms: [`user:${userId}`] });
    await context.receives(anna, id);
    expect.equal('what came of the events that were missed', await context.receivedOf(anna, missed), []);
  },
};
