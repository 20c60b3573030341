import type { Scenario } from '../scenario.ts';

export const moduleSpecificRooms: Scenario = {
  title: 'Module-specific rooms',
  spec: 'realtime-events',
  requirement: 'Room Management',
  does: 'Joins and leaves a room of a free name, and one that a module of the application names and guards.',
  expects: 'events arrive between join and leave and at no other time',
  async run(context) {
    const { expect, target } = context;
    const anna = await context.connect(context.name('anna'));

    async function tryRoom(room: string, events: { join: string; leave: string }, payload: object): Promise<void> {
      const before = await context.publish({ rooms: [room] });
      expect.matches(`the answer to ${events.join}`, await anna.request(events.join, payload), { ok: true });
      const between = await context.publish({ rooms: [room] });
      await context.receives(anna, between);
      expect.matches(`the answer to ${events.leave}`, await anna.request(events.leave, payload), { ok: true });
      const after = await context.publish({ rooms: [room] });
      const received = await context.receivedOf(anna, [before, between, after]);
      expect.equal(`what came from ${room} before, between and after`, received, [between]);
    }

    const room = context.name('lobby');
    await tryRoom(room, { join: 'room:join', leave: 'room:leave' }, { room });
    if (!target.hasApplication) context.cannotSee('the modules of the application are not known from outside');
    const named = context.name('chat');
    await tryRoom(`check/${named}`, { join: 'check:join', leave: 'check:leave' }, { room: named });
  },
};
