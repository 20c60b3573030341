import type { Ready } from '../../contract/events.ts';
import { show } from '../expectations.ts';
import type { Scenario } from '../scenario.ts';

export const clientConnects: Scenario = {
  title: 'Client connects',
  spec: 'websocket-server',
  requirement: 'Client connection handling',
  does: 'Connects a stock client and waits for what the server does with the new socket.',
  expects: 'the server greets this very socket, with the limits in force, and lists it',
  async run(context) {
    const { expect } = context;
    const userId = context.name('anna');
    const anna = await context.connect(userId);
    const ready = await anna.next<Ready>('ready');
    expect.matches('the greeting', ready, { socketId: anna.socket.id, userId });
    const { heartbeatTimeoutMs, connectionsPerUser } = ready;
    const hasLimits = heartbeatTimeoutMs > 0 && connectionsPerUser > 0;
    const limits = show({ heartbeatTimeoutMs, connectionsPerUser });
    expect.holds('the limits in the greeting', hasLimits, 'numbers above 0', limits);
    await expect.eventually('the list of sockets', () => context.socketsOf(userId), [{ id: anna.socket.id }]);
  },
};
