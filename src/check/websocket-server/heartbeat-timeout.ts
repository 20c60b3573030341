import { formatDuration } from '../../contract/units.ts';
import { LEVEL } from '../log-reader.ts';
import type { Scenario } from '../scenario.ts';

/** A longer heartbeat is waited for only on request. */
const PATIENCE_MS = 10_000;
/** For a busy machine: later than this is not in time. */
const GRACE_MS = 5_000;

export const heartbeatTimeout: Scenario = {
  title: 'Heartbeat timeout',
  spec: 'websocket-server',
  requirement: 'Heartbeat mechanism',
  isSlow: true,
  does: 'Lets one client go silent, though its transport still answers, while another one sends its pings.',
  expects:
    'after the timeout (60 s by default), not before, the silent one is told HEARTBEAT_TIMEOUT, disconnected and logged',
  async run(context) {
    const { expect, target } = context;
    const timeoutMs = target.heartbeatTimeoutMs;
    if (timeoutMs > PATIENCE_MS && !context.isFull) {
      context.cannotSee(`the heartbeat is ${formatDuration(timeoutMs)}: waits for it only with --full`);
    }
    const lively = await context.connect(context.name('lively'));
    const silent = await context.openWire();
    const userId = context.name('silent');
    const started = performance.now();
    const answer = await silent.connect({ auth: { token: await context.tokenOf(userId) } });
    expect.matches('the connection that will be silent', answer, { ok: true });
    const waitMs = timeoutMs + GRACE_MS;
    const { payload } = await silent.next('closing', { timeoutMs: waitMs });
    expect.matches('what it is told', payload, { code: 'HEARTBEAT_TIMEOUT', retry: true });
    const { at } = await silent.untilClosed({ timeoutMs: GRACE_MS });
    const isInTime = at - started > timeoutMs - 50 && at - started < waitMs;
    const expected = `${formatDuration(timeoutMs)} to ${formatDuration(waitMs)}`;
    expect.holds('when it was disconnected', isInTime, expected, `${Math.round(at - started)} ms`);
    // An answer to it has come after whatever the server told it before.
    await lively.request('ping');
    expect.equal('is the one that pings still connected', lively.socket.connected, true);
    await context.findLog('heartbeat.timeout', LEVEL.warn, `of ${userId}`, (line) => line['userId'] === userId);
  },
};
