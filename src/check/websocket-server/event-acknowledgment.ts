import { CHECK_EVENT } from '../event-names.ts';
import type { Scenario } from '../scenario.ts';

/** Long enough for a client far away, or on a busy machine, to answer. */
const TIMEOUT_MS = 1_000;

export const eventAcknowledgment: Scenario = {
  title: 'Event acknowledgment',
  spec: 'websocket-server',
  requirement: 'Event emission',
  does: 'Emits with an acknowledgement to a client that answers and to one that does not.',
  expects: 'the answer of the first; ACK_TIMEOUT for the second, not before the time is up',
  async run(context) {
    const { expect } = context;
    const answer = { taken: true };
    const [anna, ben] = [
      await context.connect(context.name('anna'), { answer }),
      await context.connect(context.name('ben')),
    ];
    const sockets = [anna.socket.id ?? '', ben.socket.id ?? ''];
    const ask = async (to: string[]) => {
      const payload = { id: context.name('question') };
      const started = performance.now();
      const response = await context.emit({
        event: CHECK_EVENT,
        payload,
        to: { sockets: to },
        ack: { timeoutMs: TIMEOUT_MS },
      });
      const acks = [...(response.acks ?? [])].sort((a, b) => sockets.indexOf(a.socketId) - sockets.indexOf(b.socketId));
      return { acks, tookMs: performance.now() - started };
    };
    const { acks, tookMs } = await ask(sockets);
    expect.matches('the answers of both', acks, [
      { socketId: anna.socket.id, ok: true, value: answer },
      { socketId: ben.socket.id, ok: false, error: { code: 'ACK_TIMEOUT' } },
    ]);
    await context.receives(ben, context.name('question'));
    // Timers may fire a little early.
    const isPatient = tookMs >= TIMEOUT_MS - 20;
    expect.holds('how long the server waited', isPatient, `at least ${TIMEOUT_MS} ms`, `${Math.round(tookMs)} ms`);
  },
};
