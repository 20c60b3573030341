import { RtError } from '../contract/errors.ts';
import { type EventSchemas, isReservedEvent, SYSTEM_EVENTS } from '../contract/events.ts';
import { shorten } from '../contract/printable.ts';
import { unwrapResult } from './schema.ts';

/** What goes further down than this may be more than the stack of whoever is to read it. */
const DEPTH_MAX = 500;

/**
 * The payload as its schema passes it on, defaults and transformations applied.
 *
 * @throws RtError with an `EmitFailureReason` as code
 */
export function checkEvent(events: EventSchemas | undefined, event: string, payload: unknown): unknown {
  const checked = checkAgainst(events, event, payload);
  if (isDeeper(checked, DEPTH_MAX)) {
    throw new RtError('PAYLOAD_INVALID', { reason: `it is nested more than ${DEPTH_MAX} levels deep` });
  }
  return checked;
}

function checkAgainst(events: EventSchemas | undefined, event: string, payload: unknown): unknown {
  if (typeof event !== 'string' || event === '') {
    throw new RtError('PAYLOAD_INVALID', { reason: 'the name of an event is a string that is not empty' });
  }
  if (isReservedEvent(event) || SYSTEM_EVENTS.includes(event)) throw new RtError('EVENT_RESERVED');
  if (typeof payload === 'function' || typeof payload === 'symbol') {
    throw new RtError('PAYLOAD_INVALID', { reason: `a ${typeof payload} cannot be sent` });
  }
  if (events === undefined) return payload;
  const schema = Object.hasOwn(events, event) ? events[event] : undefined;
  if (schema === undefined)
    throw new RtError('EVENT_UNKNOWN', { reason: `"${shorten(event)}" is not among the declared events` });
  const checked = schema['~standard'].validate(payload);
  if (checked instanceof Promise) {
    checked.catch(() => {});
    throw new RtError('PAYLOAD_INVALID', {
      reason: `the schema of "${event}" is asynchronous; emit needs one that is not`,
    });
  }
  return unwrapResult(checked);
}

function isDeeper(value: unknown, levels: number): boolean {
  // What writes itself, as a date does, may look otherwise inside.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || hasOwnJson(value)) return false;
  return levels === 0 || valuesOf(value).some((each) => isDeeper(each, levels - 1));
}

function valuesOf(value: object): unknown[] {
  try {
    return Object.values(value);
  } catch {
    // A getter that throws does so again when it is encoded, which is told there.
    return [];
  }
}

const hasOwnJson = (value: object) => typeof (value as { toJSON?: unknown }).toJSON === 'function';
