import type { Scenario } from '../scenario.ts';

export const userTargetedBroadcasts: Scenario = {
  title: 'User-targeted broadcasts',
  spec: 'realtime-events',
  requirement: 'Event Emission Interface',
  does: 'Connects three users, one of them twice where the limit allows it, and emits to two of them.',
  expects: 'every socket of the two receives the event, the third user does not',
  async run(context) {
    const { expect, target } = context;
    const [anna, ben, cleo] = ['anna', 'ben', 'cleo'].map((label) => context.name(label)) as [string, string, string];
    const devices = [await context.connect(anna), await context.connect(ben)];
    if (target.connectionsPerUser > 1) devices.push(await context.connect(anna));
    const outsider = await context.connect(cleo);
    const id = await context.publish({ users: [anna, ben] });
    for (const peer of devices) await context.receives(peer, id);
    expect.equal('what reached a user who was not named', await context.receivedOf(outsider, [id]), []);
  },
};
