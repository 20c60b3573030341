import type { Scenario } from '../scenario.ts';

/** More would be a load test: that is what `rtserver load` is for. */
const LIMIT_MAX = 50;
const MORE = 20;

export const maximumConnectionsPerUser: Scenario = {
  title: 'Maximum connections per user',
  spec: 'websocket-server',
  requirement: 'Connection limits',
  does: 'Opens one connection more than a user may have, one after the other; then many at once for another user.',
  expects: 'exactly the limit gets in (3 by default), each time; the rest is refused with "Max connections exceeded"',
  async run(context) {
    const { expect, target } = context;
    const limit = target.connectionsPerUser;
    if (limit > LIMIT_MAX) context.cannotSee(`the limit of ${limit} is too high to be used up on a live server`);
    const message = 'Max connections exceeded';
    const anna = context.name('anna');
    const peers = [];
    for (let count = 1; count <= limit; count++) peers.push(await context.connect(anna));
    const fourth = await context.attempt({ token: await context.tokenOf(anna) });
    expect.matches(`connection ${limit + 1} of one user`, fourth.seen, { connected: false, message });
    for (const peer of peers) expect.equal('an earlier connection afterwards', peer.socket.connected, true);

    // Transports first, then every CONNECT in one go: a server that checks, awaits and counts lets in too many.
    const token = await context.tokenOf(context.name('ben'));
    const wires = await Promise.all(Array.from({ length: limit + MORE }, () => context.openWire()));
    const answers = await Promise.all(wires.map((wire) => wire.connect({ auth: { token } })));
    const admitted = answers.filter(({ ok }) => ok).length;
    expect.equal(`how many of ${wires.length} at once got in`, admitted, limit);
    const messages = new Set(answers.map((answer) => (answer.ok ? message : answer.message)));
    expect.equal('what the others were told', [...messages], [message]);
  },
};
