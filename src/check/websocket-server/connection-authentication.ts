import type { Scenario } from '../scenario.ts';
import { tamperWith } from '../tokens.ts';

export const connectionAuthentication: Scenario = {
  title: 'Connection authentication',
  spec: 'websocket-server',
  requirement: 'Client connection handling',
  does: 'Connects with the token of one user, with that token changed to another user, and with an expired one.',
  expects: 'the socket belongs to the user of the token; the changed and the expired token are refused',
  async run(context) {
    const { expect } = context;
    const { mint } = context.target;
    const [anna, ben] = [context.name('anna'), context.name('ben')];
    const token = await context.tokenOf(anna);
    const { socket } = await context.connect(anna, { token });
    await expect.eventually('whose socket it is', () => context.socketsOf(anna), [{ id: socket.id, userId: anna }]);

    if (mint === undefined) return context.cannotSee('no JWT can be made: pass --secret');
    const changed = await context.attempt({ token: tamperWith(token, ben) });
    expect.matches('the token changed to another user', changed.seen, { connected: false, code: 'TOKEN_INVALID' });
    const expired = await context.attempt({ token: await mint({ userId: ben, expiresInMs: -60_000 }) });
    expect.matches('a token of a minute ago', expired.seen, { connected: false, code: 'TOKEN_EXPIRED' });
  },
};
