import { LEVEL } from '../log-reader.ts';
import type { Scenario } from '../scenario.ts';

export const clientDisconnection: Scenario = {
  title: 'Client disconnection',
  spec: 'realtime-events',
  requirement: 'Connection Lifecycle Management',
  does: 'Puts two users into the same room and lets one of them disconnect.',
  expects: 'no room holds the socket, the log says so, and the other user is told nothing',
  async run(context) {
    const { expect } = context;
    const userId = context.name('anna');
    const room = context.name('room');
    const [anna, ben] = [await context.connect(userId), await context.connect(context.name('ben'))];
    const socketId = anna.socket.id ?? '';
    for (const peer of [anna, ben]) expect.matches('a join', await peer.request('room:join', { room }), { ok: true });
    const personal = () => context.roomsLike(`user:${userId}`);
    await expect.eventually('the sockets of who will leave', () => context.socketsOf(userId), [{ id: socketId }]);
    await expect.eventually('the personal room of who will leave', personal, [`user:${userId}`]);
    anna.close();
    await expect.eventually('the sockets of who left', () => context.socketsOf(userId), []);
    await expect.eventually('the personal room of who left', personal, []);
    const others = async () => (await context.target.admin.sockets({ room })).items;
    await expect.eventually('the sockets in the shared room', others, [{ id: ben.socket.id }]);

    const id = await context.publish({ rooms: [room] });
    await context.receives(ben, id);
    const told = ben.received.filter(({ payload }) => {
      const text = JSON.stringify(payload) ?? '';
      return text.includes(userId) || text.includes(socketId);
    });
    expect.equal('what the other user was told of who left', told, []);
    await context.findLog('connection.closed', LEVEL.info, `of ${userId}`, (line) => line['socketId'] === socketId);
  },
};
