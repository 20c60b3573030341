import type { Scenario } from '../scenario.ts';

export const authentication: Scenario = {
  title: 'Authentication',
  spec: 'realtime-events',
  requirement: 'WebSocket Server Management',
  does: 'Connects with a JWT, with a session token, with a session token that nobody issued, and with nothing.',
  expects: 'JWT and session token are let in; the others get an error with a code and are not connected',
  async run(context) {
    const { expect, target } = context;
    const userId = context.name('anna');
    if (target.mint !== undefined) {
      const jwt = await target.mint({ userId, expiresInMs: 60_000 });
      expect.matches('a connection with a JWT', (await context.attempt({ token: jwt })).seen, { connected: true });
    }
    const { token } = await target.admin.createSession({ userId: context.name('ben'), ttlSeconds: 60 });
    expect.matches('a connection with a session token', (await context.attempt({ token })).seen, { connected: true });

    const unknown = await context.attempt({ token: `sess_${'0'.repeat(43)}` });
    expect.matches('a connection with a session that is not there', unknown.seen, {
      connected: false,
      code: 'SESSION_INVALID',
    });
    const nobody = await context.attempt({});
    expect.matches('a connection without credentials', nobody.seen, {
      connected: false,
      code: 'UNAUTHENTICATED',
      message: 'Authentication required',
    });
    expect.equal('the socket of whoever was refused', nobody.peer.socket.connected, false);
    if (target.mint === undefined) context.cannotSee('no JWT can be made: pass --secret');
  },
};
