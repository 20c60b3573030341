import type { Scenario } from '../scenario.ts';

export const websocketServerStarts: Scenario = {
  title: 'WebSocket server starts',
  spec: 'websocket-server',
  requirement: 'Socket.io server initialization',
  does: 'Asks the same address for its health over HTTP and for a Socket.IO connection.',
  expects: 'both answer: HTTP says it is well, Socket.IO opens and takes a CONNECT',
  async run(context) {
    const { target, expect } = context;
    const health = await fetch(new URL('healthz', target.url.replace(/\/*$/, '/')), {
      signal: AbortSignal.timeout(target.waitMs),
    });
    expect.equal('the HTTP status of /healthz', health.status, 200);
    const wire = await context.openWire();
    expect.holds('the session id in the open packet', wire.open.sid.length > 0, 'some text', wire.open.sid);
    const answer = await wire.connect({ auth: { token: await context.tokenOf(context.name('anna')) } });
    expect.matches('the answer to CONNECT', answer, { ok: true });
  },
};
