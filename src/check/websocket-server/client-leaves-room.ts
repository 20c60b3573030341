import type { Scenario } from '../scenario.ts';

export const clientLeavesRoom: Scenario = {
  title: 'Client leaves room',
  spec: 'websocket-server',
  requirement: 'Room management',
  does: 'Switches from one protocol to another, then disconnects.',
  expects: 'the switch leaves the first room, the disconnection the second one',
  async run(context) {
    const { expect } = context;
    const anna = await context.connect(context.name('anna'));
    const [first, second] = [context.name('1'), context.name('2')];
    const left = `protocol:${first}`;
    expect.matches('the first join', await anna.request('protocol:join', { protocolId: first }), { ok: true });
    const answer = await anna.request('protocol:join', { protocolId: second });
    expect.matches('the answer to the switch', answer, { ok: true, room: `protocol:${second}`, left });
    const toFirst = await context.publish({ rooms: [left] });
    const toSecond = await context.publish({ rooms: [`protocol:${second}`] });
    await context.receives(anna, toSecond);
    expect.equal('what came from the two rooms', await context.receivedOf(anna, [toFirst, toSecond]), [toSecond]);
    const rooms = () => context.roomsLike(`protocol:${second}`);
    await expect.eventually('the second room before the disconnection', rooms, [`protocol:${second}`]);
    anna.close();
    await expect.eventually('the second room after the disconnection', rooms, []);
  },
};
