import type { Scenario } from '../scenario.ts';
import { forgeToken, tamperWith } from '../tokens.ts';

export const connectionAuthentication: Scenario = {
  title: 'Connection authentication',
  spec: 'websocket-server',
  requirement: 'Client connection handling',
  does: 'Connects with the token of one user, with that token changed to another user, and with an expired one.',
  expects: 'the socket belongs to the user of the token; the changed and the expired token are refused',
  async run(context) {
    const { expect, target } = context;
    const [anna, ben] = [context.name('anna'), context.name('ben')];
    const token = await context.tokenOf(anna);
    const { socket } = await context.connect(anna, { token });
    await expect.eventually('whose socket it is', () => context.socketsOf(anna), [{ id: socket.id, userId: anna }]);

    const changed = await context.attempt({
      token: target.mint === undefined ? forgeToken(ben) : tamperWith(token, ben),
    });
    expect.matches('the token changed to another user', changed.seen, { connected: false, code: 'TOKEN_INVALID' });
    if (target.mint === undefined) return;
    const expired = await context.attempt({ token: await target.mint({ userId: ben, expiresInMs: -60_000 }) });
    expect.matches('a token of a minute ago', expired.seen, { connected: false, code: 'TOKEN_EXPIRED' });
  },
};
