import { createTestServer, nextEvent } from 'rtserver/testing';
import { expect, onTestFinished, test } from 'vitest';
import { chat, events } from '../chat.ts';

const startChat = () => createTestServer({ events, modules: [chat], closeAfter: onTestFinished });

test('members of a chat room read what is said there', async () => {
  const { connectAs } = await startChat();
  const [alice, bob] = [await connectAs('alice'), await connectAs('bob')];
  await alice.emit('chat:join', { room: 'tea' });
  await bob.emit('chat:join', { room: 'tea' });
  await alice.emit('chat:say', { room: 'tea', text: 'milk?' });
  expect(await nextEvent(bob, 'chat:message')).toEqual({ room: 'tea', from: 'alice', text: 'milk?' });
});

test('nobody speaks in a room without joining it', async () => {
  const { connectAs } = await startChat();
  const stranger = await connectAs('eve');
  await expect(stranger.emit('chat:say', { room: 'tea', text: 'hi' })).rejects.toMatchObject({
    code: 'ROOM_FORBIDDEN',
  });
});

test('an expired token is refused', async () => {
  const { connectAs } = await startChat();
  await expect(connectAs('alice', { expiresInMs: -1_000 })).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
});
