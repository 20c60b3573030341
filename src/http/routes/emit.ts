import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { EMIT_BATCH_MAX } from '../../contract/emission.ts';
import { RtError } from '../../contract/errors.ts';
import type { Everywhere } from '../../core/everywhere.ts';
import type { Handler, ReadRequest } from '../api-entrance.ts';
import { parse } from '../parse.ts';

const ACK_TIMEOUT_MAX_MS = 60_000;

const names = z.array(z.string().min(1));
const targetSet = z.strictObject({ users: names.optional(), rooms: names.optional(), sockets: names.optional() });
/** A plain list is short for users. */
const except = z.union([targetSet, names.transform((users) => ({ users }))]);
/** `{}` would be everyone, and is what is left of a target whose lists were `undefined`. */
const target = targetSet
  .extend({ except: except.optional() })
  .refine(
    ({ users, rooms, sockets, except }) => (users ?? rooms ?? sockets ?? except) !== undefined,
    'names no users, rooms or sockets; everyone is "all"',
  );
const to = z.union([target, z.literal('all')], {
  error: 'must be "all", or an object of users, rooms, sockets and except, each a list of names',
});
/** Body of `POST /api/emit`, alone or in a list. */
export const emission = z.strictObject({
  event: z.string().min(1),
  payload: z.unknown().optional(),
  to: to.optional(),
  except: except.optional(),
  ack: z.strictObject({ timeoutMs: z.int().min(1).max(ACK_TIMEOUT_MAX_MS).optional() }).optional(),
});
export const emissionList = z.array(emission).min(1).max(EMIT_BATCH_MAX);

/** @param enter what a request passes first, which reads its body */
export function createEmitRoute(enter: Handler, everywhere: Everywhere): Handler {
  async function emit(body: unknown): Promise<object> {
    if (Array.isArray(body)) return everywhere.emit(parse(emissionList, body));
    const [result] = await everywhere.emit([parse(emission, body)]);
    if (result === undefined) throw new RtError('INTERNAL');
    if (!result.ok) throw new RtError(result.reason, { reason: result.detail });
    return result;
  }

  return function serve(request: ReadRequest, response, next) {
    enter(request, response, (thrown) => {
      if (thrown !== undefined) next(thrown);
      else
        emit(request.body)
          .then((result) => sendJson(response, result))
          .catch((error) => next(error ?? new RtError('INTERNAL')));
    });
  };
}

function sendJson(response: ServerResponse, value: object): void {
  const text = JSON.stringify(value);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}
