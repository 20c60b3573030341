import type { Scenario } from '../scenario.ts';

/** What serialization gets wrong, if it does. */
const PAYLOAD = {
  text: 'Zoë 👋 " \\ \n \u2028',
  numbers: [0, -1.5, 1e21, 9_007_199_254_740_991],
  nothing: null,
  empty: { list: [], object: {}, text: '' },
  deep: [[{ yes: true, no: false }]],
};

export const serverEmitsEvent: Scenario = {
  title: 'Server emits event',
  spec: 'websocket-server',
  requirement: 'Event emission',
  does: 'Emits a payload with texts, numbers, nulls, lists and objects to one of two sockets.',
  expects: 'the target receives exactly this payload, the other socket nothing',
  async run(context) {
    const { expect } = context;
    const [anna, ben] = [await context.connect(context.name('anna')), await context.connect(context.name('ben'))];
    const id = await context.publish({ sockets: [anna.socket.id ?? ''] }, PAYLOAD);
    expect.equal('the payload that arrived', await context.receives(anna, id), { id, ...PAYLOAD });
    expect.equal('what reached the other socket', await context.receivedOf(ben, [id]), []);
  },
};
