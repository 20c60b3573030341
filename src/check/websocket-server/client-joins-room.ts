import type { Scenario } from '../scenario.ts';

export const clientJoinsRoom: Scenario = {
  title: 'Client joins room',
  spec: 'websocket-server',
  requirement: 'Room management',
  does: 'Asks to join a protocol and emits to `protocol:<protocolId>`.',
  expects: 'the answer names that room, the server lists the socket in it, and the event arrives',
  async run(context) {
    const { expect } = context;
    const userId = context.name('anna');
    const protocolId = context.name('7');
    const room = `protocol:${protocolId}`;
    const anna = await context.connect(userId);
    const answer = await anna.request('protocol:join', { protocolId });
    expect.matches('the answer to protocol:join', answer, { ok: true, room });
    const members = async () => (await context.target.admin.sockets({ room })).items;
    await expect.eventually(`the sockets in ${room}`, members, [{ id: anna.socket.id }]);
    await context.receives(anna, await context.publish({ rooms: [room] }));
  },
};
