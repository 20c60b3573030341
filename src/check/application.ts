import { z } from 'zod';
import { APPLICATION_EVENT, CHECK_EVENT } from './event-names.ts';

/** What the application uses of this package: it is handed the public API, as the server's process has it. */
export interface PublicApi {
  createRealtimeServer(options: object): Promise<{ close(): Promise<void> }>;
  getRealtimeServer(): { io: unknown; http: unknown };
  realtime: { emit(event: string, payload: unknown, target?: object): unknown };
}

interface ModuleContext {
  socket: { nsp: { server: unknown }; request: { socket: { server?: unknown } } };
  join(room: string): void;
  leave(room: string): void;
}

const ROOM_PREFIX = 'check/';

/**
 * The application that the check's own server runs: what is visible only in code shows here. It emits once while it is
 * loaded, when its process has no server yet.
 */
export function createApplication({ createRealtimeServer, getRealtimeServer, realtime }: PublicApi) {
  const early = work(() => realtime.emit(CHECK_EVENT, { id: 'early' }));
  const questions: Record<string, (context: ModuleContext) => unknown> = {
    presence: () => ({}),
    early: () => early,
    failing: () => work(() => realtime.emit(CHECK_EVENT, { id: 5 })),
    async instance({ socket }) {
      const { io, http } = getRealtimeServer();
      return {
        isSameEachTime: getRealtimeServer().io === io,
        carriesThisSocket: socket.nsp.server === io,
        isAttachedToHttp: socket.request.socket.server === http,
        second: await createSecond(),
      };
    },
  };

  async function createSecond(): Promise<unknown> {
    try {
      await (await createRealtimeServer({ port: 0, auth: { secret: 'x'.repeat(32) } })).close();
      return 'created';
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  }

  return {
    events: { [CHECK_EVENT]: z.looseObject({ id: z.string() }) },
    modules: [
      {
        name: 'check',
        roomPrefix: ROOM_PREFIX,
        handlers: {
          [APPLICATION_EVENT]: ({ ask }: { ask: string }, context: ModuleContext) => questions[ask]?.(context),
          'check:join': ({ room }: { room: string }, { join }: ModuleContext) => join(ROOM_PREFIX + room),
          'check:leave': ({ room }: { room: string }, { leave }: ModuleContext) => leave(ROOM_PREFIX + room),
        },
      },
    ],
  };
}

/** Work of a service that reports by an event: an emission that throws would keep it from being completed. */
function work(emit: () => unknown): { completed: boolean; emission?: unknown; error?: string } {
  try {
    const emission = emit();
    return { completed: true, emission };
  } catch (error) {
    return { completed: false, error: String(error) };
  }
}
