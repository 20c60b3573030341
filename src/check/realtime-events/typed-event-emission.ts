import { CHECK_EVENT } from '../event-names.ts';
import type { Scenario } from '../scenario.ts';

/** The compile-time half (what TypeScript refuses) is proven where there is a compiler: test/types, in development. */
export const typedEventEmission: Scenario = {
  title: 'Typed event emission',
  spec: 'realtime-events',
  requirement: 'Event Emission Interface',
  does: 'Emits a declared event with a right and a wrong payload, and an event that nobody declared.',
  expects: 'the right one is sent; PAYLOAD_INVALID and EVENT_UNKNOWN for the others, which reach nobody',
  async run(context) {
    const { expect, target } = context;
    if (target.declaredEvents === undefined)
      context.cannotSee('the server declares no events: it has no contract to keep');
    const anna = await context.connect(context.name('anna'));
    const to = { sockets: [anna.socket.id ?? ''] };
    context.requireEvent();
    // In lists of one: of a list, a failure is a result, where alone it would be an HTTP status.
    const tryOne = async (event: string, id: unknown) => (await target.admin.emit([{ event, payload: { id }, to }]))[0];
    const right = await tryOne(CHECK_EVENT, context.name('right'));
    const wrong = await tryOne(CHECK_EVENT, 5);
    const unknown = await tryOne('rtserver:chekc', context.name('unknown'));
    expect.matches('the result of a payload that fits', right, { ok: true, recipients: 1 });
    expect.matches('the result of a payload of another type', wrong, { ok: false, reason: 'PAYLOAD_INVALID' });
    expect.matches('the result of an unknown event', unknown, { ok: false, reason: 'EVENT_UNKNOWN' });
    await context.receives(anna, context.name('right'));
    expect.equal('what else arrived', await context.receivedOf(anna, [context.name('unknown')]), []);
    const refused = anna.received.some(({ payload }) => (payload as { id?: unknown } | undefined)?.id === 5);
    expect.equal('did the payload that was refused arrive', refused, false);
  },
};
