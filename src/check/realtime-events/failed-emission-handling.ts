import { CHECK_EVENT } from '../event-names.ts';
import { LEVEL } from '../log-reader.ts';
import type { Scenario } from '../scenario.ts';

export const failedEmissionHandling: Scenario = {
  title: 'Failed emission handling',
  spec: 'realtime-events',
  requirement: 'Event Emission Interface',
  does: 'Lets emissions fail (a reserved event, a refused payload, no server yet) in the middle of other work.',
  expects: 'a warning in the log, nothing thrown, and the other work is done',
  async run(context) {
    const { expect, target } = context;
    context.requireEvent();
    const nobody = { users: [context.name('nobody')] };
    const results = await target.admin.emit([
      { event: 'disconnect', payload: {}, to: nobody },
      { event: CHECK_EVENT, payload: { id: context.name('after') }, to: nobody },
    ]);
    expect.matches('an emission that fails, and the one after it', results, [{ ok: false }, { ok: true }]);
    await context.findLog('event.failed', LEVEL.warn, 'of the reserved event', ({ event }) => event === 'disconnect');

    const failing = await context.ask('failing');
    const early = await context.ask('early');
    if (failing === undefined) context.cannotSee('the work of the emitting service cannot be seen from outside');
    expect.matches('work in which an emission is refused', failing, { completed: true, emission: { ok: false } });
    expect.matches('work that emits before there is a server', early, { completed: true, emission: { ok: false } });
  },
};
