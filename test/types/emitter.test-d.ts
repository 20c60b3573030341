import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { createRealtimeServer, defineEvents, type Emitter, type RealtimeServer } from '../../src/index.ts';

/** Checked by `tsc`, never run: each line marked as an error must be one. */
const auth = { secret: 'x' };

export async function zod(): Promise<void> {
  const events = defineEvents({
    'protocol:updated': z.object({ protocolId: z.string(), version: z.number().int() }),
    'with:default': z.object({ n: z.number().default(1) }),
  });
  const { emitter } = await createRealtimeServer({ events, auth });
  emitter.emit('protocol:updated', { protocolId: '7', version: 3 });
  emitter.emit('protocol:updated', { protocolId: '7', version: 3 }, { users: ['42'], except: { rooms: ['red'] } });
  emitter.emit('with:default', {});
  // @ts-expect-error: an event that is not declared
  emitter.emit('protocol:update', { protocolId: '7', version: 3 });
  // @ts-expect-error: a field of another type
  emitter.emit('protocol:updated', { protocolId: 7, version: 3 });
  // @ts-expect-error: a field is missing
  emitter.emit('protocol:updated', { protocolId: '7' });
  // @ts-expect-error: a field too many
  emitter.emit('protocol:updated', { protocolId: '7', version: 3, more: 1 });
  // @ts-expect-error: no payload
  emitter.emit('protocol:updated');
  // @ts-expect-error: a target that does not exist
  emitter.emit('protocol:updated', { protocolId: '7', version: 3 }, { everybody: true });
  // @ts-expect-error: users are texts
  emitter.emit('protocol:updated', { protocolId: '7', version: 3 }, { users: [42] });
  // @ts-expect-error: a wrong payload, with acknowledgements
  await emitter.emitWithAck('protocol:updated', { protocolId: 7 });
  for (const ack of await emitter.emitWithAck('protocol:updated', { protocolId: '7', version: 3 })) {
    const who: string = ack.ok ? ack.userId : ack.error.code;
    // @ts-expect-error: `value` is there only with `ok`
    void [who, ack.value];
  }
}

export async function valibot(): Promise<void> {
  const events = defineEvents({ note: v.object({ n: v.number(), text: v.optional(v.string()) }) });
  const { emitter } = await createRealtimeServer({ events, auth });
  emitter.emit('note', { n: 1 });
  emitter.emit('note', { n: 1, text: 'x' });
  // @ts-expect-error: a field of another type
  emitter.emit('note', { n: '1' });
  // @ts-expect-error: an event that is not declared
  emitter.emit('notes', { n: 1 });
}

export async function arktype(): Promise<void> {
  const events = defineEvents({ note: type({ n: 'number', 'text?': 'string' }) });
  const { emitter } = await createRealtimeServer({ events, auth });
  emitter.emit('note', { n: 1 });
  // @ts-expect-error: a field of another type
  emitter.emit('note', { n: '1' });
  // @ts-expect-error: an event that is not declared
  emitter.emit('notes', { n: 1 });
}

export async function undeclared(): Promise<void> {
  const { emitter } = await createRealtimeServer({ auth });
  emitter.emit('anything', { of: ['any', 'shape'] });
  const result = emitter.emit('anything', undefined);
  // @ts-expect-error: `recipients` is there only with `ok`
  void result.recipients;
  if (result.ok) void result.recipients;
  else void result.reason;
}

export async function socketData({ io }: RealtimeServer): Promise<void> {
  io.on('connection', ({ data }) => {
    const texts: string[] = [data.userId, data.correlationId];
    const times: number[] = [data.lastSeen];
    const role: unknown = data.user['role'];
    // @ts-expect-error: not a number
    const id: number = data.userId;
    // @ts-expect-error: nothing of that name
    void [texts, times, role, id, data.password];
  });
  for (const { data } of await io.fetchSockets()) {
    const userId: string = data.userId;
    void userId;
  }
}

export function emitterType(emitter: Emitter<{ note: ReturnType<typeof z.string> }>): void {
  emitter.emit('note', 'text');
  // @ts-expect-error: a payload of another type
  emitter.emit('note', 7);
}

export async function options(): Promise<void> {
  // @ts-expect-error: a key that does not exist
  await createRealtimeServer({ auth, limits: { connectionsPerUsers: 3 } });
  // @ts-expect-error: a number is asked for
  await createRealtimeServer({ auth, port: 'many' });
  // @ts-expect-error: not one of the two
  await createRealtimeServer({ auth, heartbeat: { source: 'pong' } });
  // @ts-expect-error: a schema, not a type name
  await createRealtimeServer({ auth, events: { note: 'string' } });
  await createRealtimeServer({ auth, heartbeat: { timeout: '60s', source: 'any' }, limits: { payloadBytes: '1MiB' } });
}
