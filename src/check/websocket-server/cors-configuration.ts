import type { Scenario } from '../scenario.ts';

export const corsConfiguration: Scenario = {
  title: 'CORS configuration',
  spec: 'websocket-server',
  requirement: 'Socket.io server initialization',
  does: 'Asks as the browser of a page of the frontend does: a preflight, then the handshake itself.',
  expects: 'both answers allow the origin of the frontend, with credentials',
  async run(context) {
    const { target, expect } = context;
    const origin = target.frontendOrigin;
    const url = new URL(`${target.path}/?EIO=4&transport=polling`, target.origin);
    const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
    for (const [method, headers] of [
      ['OPTIONS', preflight],
      ['GET', {}],
    ] as const) {
      const signal = AbortSignal.timeout(target.waitMs);
      const answer = await fetch(url, { method, headers: { origin, ...headers }, signal });
      const allowed = answer.headers.get('access-control-allow-origin');
      if (allowed === null && !target.isFrontendKnown) {
        context.cannotSee('which origin it allows is not known: pass --origin');
      }
      const seen = {
        'access-control-allow-origin': allowed,
        'access-control-allow-credentials': answer.headers.get('access-control-allow-credentials'),
      };
      const expected = { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' };
      expect.equal(`the headers of the answer to ${method}`, seen, expected);
    }
  },
};
