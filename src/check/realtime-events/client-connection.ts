import { LEVEL } from '../log-reader.ts';
import type { Scenario } from '../scenario.ts';
import { forgeToken } from '../tokens.ts';

export const clientConnection: Scenario = {
  title: 'Client connection',
  spec: 'realtime-events',
  requirement: 'Connection Lifecycle Management',
  does: 'Connects with a good token and with one that is forged.',
  expects: 'the first socket carries the user id and is logged as accepted; the second is refused',
  async run(context) {
    const { expect } = context;
    const userId = context.name('anna');
    const forged = await context.attempt({ token: forgeToken(userId) });
    expect.matches('a connection with a forged token', forged.seen, { connected: false, code: 'TOKEN_INVALID' });
    const { socket } = await context.connect(userId);
    const listed = () => context.socketsOf(userId);
    await expect.eventually('the sockets of the user', listed, [{ id: socket.id, userId }]);
    await context.findLog('connection.accepted', LEVEL.info, `of ${userId}`, (line) => {
      return line['userId'] === userId && line['socketId'] === socket.id;
    });
  },
};
