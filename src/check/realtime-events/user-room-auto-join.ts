import type { Scenario } from '../scenario.ts';

export const userRoomAutoJoin: Scenario = {
  title: 'User room auto-join',
  spec: 'realtime-events',
  requirement: 'WebSocket Server Management',
  does: 'Connects as a user who asks for no room, and emits to the room `user:<userId>`.',
  expects: 'the socket is in that room by itself and receives the event',
  async run(context) {
    const userId = context.name('anna');
    const anna = await context.connect(userId);
    await context.expect.eventually('the rooms of the new socket', () => context.socketsOf(userId), [
      { id: anna.socket.id, rooms: [`user:${userId}`] },
    ]);
    const id = await context.publish({ rooms: [`user:${userId}`] });
    context.expect.matches('the event to the personal room', await context.receives(anna, id), { id });
  },
};
