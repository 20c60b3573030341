import type { Socket } from 'node:net';
import type { Answers, Backplane, Bus, EventReports, SharedTables } from '../contract/cluster.ts';
import type { Door } from '../http/http-host.ts';
import { type Assignment, addressIn } from './assignment.ts';
import { createEventAdapters } from './event-adapter.ts';
import { type Channel, createLink } from './link.ts';
import { type RoutedEngine, routeSessions } from './routing.ts';

/** A worker's place among the others: what it has instead of a port, and of a cluster of its own. */
export interface Place {
  readonly door: Door;
  readonly backplane: Backplane;
  /** How many workers there are to be: of a limit of the whole server, each has its share. */
  readonly count: number;
  /** Has it taken the place of one that has ended? Then it begins whatever has happened to the rest of the cluster. */
  readonly isReplacement: boolean;
  route(engine: RoutedEngine): void;
}

/** The primary process, as a worker sees it. */
export interface Primary {
  readonly assignment: Assignment;
  readonly place: Place;
  /** Aborted when this worker is to stop. */
  readonly stop: AbortSignal;
  /** This worker serves from now on. */
  ready(): void;
  /** It could not begin. */
  failed(error: unknown): Promise<void>;
  /** It ends by itself: somebody else is to take its place. */
  leaving(): void;
}

const ANSWER_WITHIN_MS = 1_000;

/** Joins the workers of the process that started this one. */
export async function joinPrimary(channel: Channel): Promise<Primary> {
  const stop = new AbortController();
  const answers = new Map<string, (question: never) => unknown>();
  let onLost: (slotId: string) => void = () => {};
  let reports: EventReports = { onNotHandedOn() {}, onMissed() {}, onCame() {} };
  let letIn: (socket: Socket, head: string | undefined) => void = (socket) => socket.destroy();

  const link = createLink(channel, {
    ask: ({ topic, question }: { topic: string; question: never }) => answers.get(topic)?.(question),
    event: (event: Parameters<typeof events.onEvent>[0]) => events.onEvent(event),
    message: (message: Parameters<typeof events.onMessage>[0]) => events.onMessage(message),
    lost: (slotId: string) => onLost(slotId),
    look() {},
    stop: () => stop.abort(),
    connection(head: string | undefined, socket?: Socket) {
      if (socket !== undefined) letIn(socket, head);
    },
  });
  const events = createEventAdapters(link, {
    onNotHandedOn: (event, cause) => reports.onNotHandedOn(event, cause),
    onMissed: (worker, count) => reports.onMissed(worker, count),
    onCame: (rooms, except) => reports.onCame(rooms, except),
  });
  const assignment = await link.call<Assignment>('join');
  const { number, count, folder, isReplacement } = assignment;

  const bus: Bus = {
    ask: <Answer>(topic: string, question: unknown, withinMs = ANSWER_WITHIN_MS) =>
      link.call<Answers<Answer>>('ask', { topic, question, withinMs }).catch(() => ({ answers: [], missing: null })),
    answer: (topic, handler) => void answers.set(topic, handler),
  };
  const tables: SharedTables = {
    write: (changes) => link.call('write', changes),
    readAll: (names) => link.call('readAll', names),
  };

  const door: Door = {
    // The server listens too, for the other workers.
    open(server) {
      letIn = (socket, head) => {
        // As a server makes them itself: a client that has sent all it has to say still waits for the answer.
        socket.allowHalfOpen = true;
        server.emit('connection', socket);
        if (head !== undefined) socket.emit('data', Buffer.from(head, 'latin1'));
      };
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(addressIn(folder, number), () => {
          server.off('error', reject);
          resolve();
        });
      });
    },
    close() {
      letIn = (socket) => socket.destroy();
      link.tell('closed');
    },
  };

  return {
    assignment,
    place: {
      door,
      count,
      isReplacement,
      backplane: {
        adapter: events.adapter,
        bus,
        tables,
        slots: {
          claim: (slotId, userId) => link.call('claim', { slotId, userId }),
          release: (slotId) => link.tell('release', slotId),
          onLost(listener) {
            onLost = listener;
          },
        },
        // A worker ends with its primary.
        trouble: () => undefined,
        onBack() {},
        report(to) {
          reports = to;
        },
        async close() {},
      },
      route: (engine) =>
        routeSessions(engine, {
          number,
          addressOf: (worker) => addressIn(folder, worker),
          pass: (to, head, socket) => passOn(to, head, socket),
        }),
    },
    stop: stop.signal,
    ready: () => link.tell('ready'),
    failed: (error) => new Promise((resolve) => link.tell('failed', describe(error), undefined, () => resolve())),
    leaving: () => link.tell('leaving'),
  };

  function passOn(to: number, head: string, socket: Socket): void {
    // Node would make the server that it came from wait for its end over there.
    Object.assign(socket, { server: undefined });
    socket.on('error', () => {});
    link.tell('pass', { to, head }, socket, () => socket.destroy());
  }
}

function describe(error: unknown): { code?: unknown; detail?: unknown; message: string } {
  const { code, detail, message } = error as { code?: unknown; detail?: unknown; message?: unknown };
  return { ...(detail !== undefined && { code, detail }), message: String(message ?? error) };
}
