import type { ScenarioContext } from '../context.ts';
import type { Peer } from '../peer.ts';
import type { Scenario } from '../scenario.ts';

/** More would be a load test, here too. */
const LIMIT_MAX = 20;

export const clientDisconnects: Scenario = {
  title: 'Client disconnects',
  spec: 'websocket-server',
  requirement: 'Client connection handling',
  does: 'Uses up the connections of a user, ends them all (one of them without a word), and opens as many again.',
  expects: 'rooms and places are free again: nothing of the old sockets is left',
  async run(context) {
    const { expect } = context;
    const { connectionsPerUser } = context.target;
    const limit = Math.min(connectionsPerUser, LIMIT_MAX);
    const userId = context.name('anna');
    const token = await context.tokenOf(userId);
    const room = context.name('room');
    const peers = await connectAll(context, userId, limit - 1);
    for (const peer of peers) expect.matches('a join', await peer.request('room:join', { room }), { ok: true });
    const wire = await context.openWire();
    expect.matches('a raw connection', await wire.connect({ auth: { token } }), { ok: true });
    const answer = await wire.emitWithAck('room:join', { room }, { timeoutMs: context.target.waitMs });
    expect.matches('its join', answer, { ok: true });
    const sockets = async () => ({ open: (await context.socketsOf(userId)).length });
    await expect.eventually('the sockets of the user', sockets, { open: limit });
    await expect.eventually('the room that they are in', () => context.roomsLike(room), [room]);

    wire.drop();
    for (const peer of peers) peer.close();
    await expect.eventually('the sockets of the user afterwards', sockets, { open: 0 });
    await expect.eventually('the room that they were in', () => context.roomsLike(room), []);
    const again = await connectAll(context, userId, limit);
    expect.equal('how many could connect again', again.length, limit);
    if (limit < connectionsPerUser) {
      context.cannotSee(`the limit of ${connectionsPerUser} is too high to be used up on a live server`);
    }
  },
};

const connectAll = (context: ScenarioContext, userId: string, count: number): Promise<Peer[]> =>
  Promise.all(Array.from({ length: count }, () => context.connect(userId)));
