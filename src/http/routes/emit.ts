import type { Router } from 'express';
import { z } from 'zod';
import { EMIT_BATCH_MAX, type EmitResponse } from '../../contract/emission.ts';
import { RtError } from '../../contract/errors.ts';
import type { Core } from '../../core/core.ts';
import { parse } from '../parse.ts';

const ACK_TIMEOUT_MAX_MS = 60_000;

const names = z.array(z.string().min(1));
const targetSet = z.strictObject({ users: names.optional(), rooms: names.optional(), sockets: names.optional() });
/** A plain list is short for users. */
const except = z.union([targetSet, names.transform((users) => ({ users }))]);
const emission = z.strictObject({
  event: z.string().min(1),
  payload: z.unknown().optional(),
  to: targetSet.extend({ except: except.optional() }).optional(),
  except: except.optional(),
  ack: z.strictObject({ timeoutMs: z.int().min(1).max(ACK_TIMEOUT_MAX_MS).optional() }).optional(),
});
const batch = z.array(emission).min(1).max(EMIT_BATCH_MAX);

type Emission = z.output<typeof emission>;

export function addEmitRoute(router: Router, core: Core): void {
  router.post('/emit', async (request, response) => {
    if (Array.isArray(request.body)) {
      const emissions = parse(batch, request.body);
      // All are sent, in order, before the first acknowledgement is waited for.
      response.json(await Promise.all(emissions.map((each) => send(core, each))));
      return;
    }
    const result = await send(core, parse(emission, request.body));
    if (!result.ok) throw new RtError(result.reason, { reason: result.detail });
    response.json(result);
  });
}

async function send(core: Core, { event, payload = null, to, except, ack }: Emission): Promise<EmitResponse> {
  const target = except === undefined ? to : { ...to, except };
  if (ack === undefined) return core.emitter.emit(event, payload, target);
  const { result, acks } = await core.emitter.emitDetailed(event, payload, target, ack);
  return { ...result, acks };
}
