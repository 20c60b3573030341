import type { Pong } from '../../contract/events.ts';
import type { Scenario } from '../scenario.ts';

export const heartbeatReceived: Scenario = {
  title: 'Heartbeat received',
  spec: 'websocket-server',
  requirement: 'Heartbeat mechanism',
  does: 'Sends `ping` without and with an acknowledgement, and looks at `lastSeen` before and after.',
  expects: 'the event `pong`, the acknowledgement, and a `lastSeen` that moves on with each',
  async run(context) {
    const { expect } = context;
    const userId = context.name('anna');
    const anna = await context.connect(userId);
    await expect.eventually('the list of sockets', () => context.socketsOf(userId), [{ id: anna.socket.id }]);
    const lastSeen = async () => (await context.socketsOf(userId))[0]?.lastSeen ?? 0;
    const connectedAt = await lastSeen();
    anna.socket.emit('ping');
    const pong = await anna.next<Pong>('pong');
    expect.holds('the pong', Number.isFinite(pong?.lastSeen), '{ lastSeen, serverTime }', pong);

    // A clock of milliseconds may show the same time twice: so it is asked until it has moved on.
    const ping = async () => {
      const answer = await anna.request<Pong & { ok: boolean }>('ping');
      return { ok: answer.ok, hasMovedOn: answer.lastSeen > pong.lastSeen };
    };
    await expect.eventually('the acknowledgement of ping', ping, { ok: true, hasMovedOn: true });
    const seen = async () => ({ hasMovedOn: (await lastSeen()) > connectedAt });
    await expect.eventually('lastSeen as the server lists it', seen, { hasMovedOn: true });
  },
};
