import type { EmitResult, Target } from './contract/emission.ts';
import { RtError } from './contract/errors.ts';
import type { EventName, PayloadInput, RegisteredEvents } from './contract/events.ts';
import { createLogger } from './logger.ts';
import type { RealtimeServer } from './realtime-server.ts';

/**
 * Kept on `globalThis` under a registered symbol: an application may load this package twice (once bundled, once not), and
 * both must see the one server.
 */
const KEY = Symbol.for('rtserver.current');
const registry = globalThis as { [KEY]?: RealtimeServer | 'starting' };

/**
 * The server of this process.
 *
 * @throws RtError `SERVER_NOT_RUNNING` when none was created, or it was closed
 */
export function getRealtimeServer(): RealtimeServer<RegisteredEvents> {
  const current = registry[KEY];
  if (current === undefined || current === 'starting') {
    throw new RtError('SERVER_NOT_RUNNING', { reason: 'call createRealtimeServer() first' });
  }
  return current as unknown as RealtimeServer<RegisteredEvents>;
}

/** Takes the place of the one server, before anything is opened. @throws RtError `SERVER_ALREADY_RUNNING` */
export function reserveGlobal(): void {
  if (registry[KEY] !== undefined) {
    throw new RtError('SERVER_ALREADY_RUNNING', { reason: 'close() it first, or use getRealtimeServer()' });
  }
  registry[KEY] = 'starting';
}

export function setGlobal(server: RealtimeServer): void {
  registry[KEY] = server;
}

export function releaseGlobal(): void {
  delete registry[KEY];
}

/** For emissions without a server; made once, when the first of them needs it. */
let fallbackLogger: ReturnType<typeof createLogger> | undefined;

/** Emits from any module, typed by `Register`. */
export const realtime = {
  /** As `server.emitter.emit`; without a server a warning in the log and `{ ok: false, reason: 'SERVER_NOT_RUNNING' }`. */
  emit<Name extends EventName<RegisteredEvents>>(
    event: Name,
    payload: PayloadInput<RegisteredEvents[Name]>,
    target?: Target,
  ): EmitResult {
    const current = registry[KEY];
    if (current !== undefined && current !== 'starting') return current.emitter.emit(event, payload, target);
    const reason = 'SERVER_NOT_RUNNING';
    fallbackLogger ??= createLogger('warn', 'json');
    void fallbackLogger.then((logger) => logger.warn({ event, reason }, 'event.failed'));
    return { ok: false, reason };
  },
};
