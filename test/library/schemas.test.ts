import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvents } from '../../src/index.ts';
import { connectClient } from '../support/connect.ts';
import { expectNoEvent, nextEvent } from '../support/next-event.ts';
import { startServer } from '../support/start-server.ts';

const ALL = {
  zod: defineEvents({ 'protocol:updated': z.object({ protocolId: z.string(), version: z.number().int().default(1) }) }),
  valibot: defineEvents({
    'protocol:updated': v.object({ protocolId: v.string(), version: v.optional(v.number(), 1) }),
  }),
  arktype: defineEvents({ 'protocol:updated': type({ protocolId: 'string', version: 'number = 1' }) }),
};

describe.each(Object.entries(ALL))('with schemas of %s', (vendor, events) => {
  test('a right payload is sent, its defaults filled in', async () => {
    const { server, url, token, request } = await startServer<typeof events>({ events });
    const socket = await connectClient(url, { token: token('42') });
    expect(server.emitter.emit('protocol:updated', { protocolId: '7' })).toEqual({ ok: true, recipients: 1 });
    expect(await nextEvent(socket, 'protocol:updated')).toEqual({ protocolId: '7', version: 1 });
    expect(await (await request('/api/events')).json()).toEqual({
      items: [{ event: 'protocol:updated', vendor }],
      declared: true,
    });
  });

  test('a wrong one is not, and neither is an unknown event', async () => {
    const { server, url, token, logs } = await startServer<typeof events>({ events });
    const socket = await connectClient(url, { token: token('42') });
    const emit = server.emitter.emit as (event: string, payload?: unknown) => object;
    for (const payload of [undefined, null, 7, {}, { protocolId: 7 }, { protocolId: '7', version: 'x' }]) {
      expect(emit('protocol:updated', payload)).toMatchObject({ ok: false, reason: 'PAYLOAD_INVALID' });
    }
    expect(emit('protocol:update', { protocolId: '7' })).toMatchObject({ ok: false, reason: 'EVENT_UNKNOWN' });
    expect(await server.emitter.emitWithAck('protocol:updated', { protocolId: 7 } as never)).toEqual([]);
    await expectNoEvent(socket, 'protocol:updated');
    expect(logs.of('event.failed')).toHaveLength(8);
    for (const line of logs.of('event.failed')) expect(line.level).toBe(40);
  });
});

test('what a schema makes of a payload is what is sent', async () => {
  const events = defineEvents({ at: z.date().transform((date) => date.toISOString()) });
  const { server, url, token } = await startServer<typeof events>({ events });
  const socket = await connectClient(url, { token: token('42') });
  server.emitter.emit('at', new Date(0));
  expect(await nextEvent(socket, 'at')).toBe('1970-01-01T00:00:00.000Z');
});

test('an asynchronous schema, and one that throws, are failed emissions', async () => {
  const events = defineEvents({
    slow: z.string().refine(async () => true),
    bad: z.string().transform(() => {
      throw new Error('bad schema');
    }),
  });
  const { server } = await startServer<typeof events>({ events });
  expect(server.emitter.emit('slow', 'x')).toMatchObject({ ok: false });
  expect(server.emitter.emit('bad', 'x')).toMatchObject({ ok: false });
});
