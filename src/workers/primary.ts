import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SharedTables } from '../contract/cluster.ts';
import type { Log } from '../contract/log-names.ts';
import { createExchange } from './exchange.ts';
import type { Handlers } from './link.ts';
import { openPort } from './port.ts';
import { createReplacements } from './replacements.ts';
import type { SlotRules } from './slot-table.ts';
import { LOOK_MS } from './watch-answers.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

export interface WorkersOptions {
  count: number;
  /** The script of a worker, and what it is told once the port is known. */
  program: string;
  taskFor(port: number): unknown;
  host: string;
  port: number;
  slots: SlotRules;
  /** What all workers share. */
  tables: SharedTables;
  /** How often workers are looked after. */
  lookMs?: number;
  /** How long workers may take to stop. */
  stopWithinMs: number;
  log: Log;
  /** A line of the output of a worker. */
  onLine(line: string): void;
}

export interface Workers {
  readonly port: number;
  /** Stops all of them gracefully; the log names those that did not end as they should. */
  close(): Promise<void>;
  /** Ends them at once. */
  kill(): void;
}

type End = Awaited<WorkerProcess['ended']>;

/** What a worker needs beyond its own time to stop. */
const GRACE_MS = 5_000;

/**
 * Runs workers behind one port: takes the connections and hands them out in turn, decides over slots, keeps what is shared,
 * passes on what workers have to say to each other, and replaces those that end.
 *
 * @throws what listening throws, or why a worker could not begin; nothing is left open then
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { count, program, taskFor, host, log, onLine, lookMs = LOOK_MS } = options;
  const workers = new Map<number, WorkerProcess>();
  const exchange = createExchange(workers, options);
  const folder = mkdtempSync(join(tmpdir(), 'rtserver-'));
  let started = 0;
  /** All have begun, and none is meant to end. */
  let isRunning = false;

  /** To whom the fewest connections are on their way; of several, each in turn. */
  function give(socket: Socket): boolean {
    const takers = [...workers.values()].filter(({ takesConnections, isSilent }) => takesConnections && !isSilent);
    const [first, ...others] = takers;
    if (first === undefined) return false;
    const chosen = others.reduce((best, each) => (each.pending.size < best.pending.size ? each : best), first);
    // The last one in the map is the next one's last choice.
    workers.delete(chosen.number);
    workers.set(chosen.number, chosen);
    chosen.give(socket);
    return true;
  }

  const handlersFor = (worker: WorkerProcess): Handlers => ({
    ...exchange.handlersFor(worker),
    /** It ends by itself, and takes no more connections. */
    leaving() {
      worker.takesConnections = false;
      worker.isLeaving = true;
      refill();
    },
    /** It has ended its clients. */
    closed() {
      worker.takesConnections = false;
      // While it runs, connections wait for those that take the place of all that have crashed.
      if (!isRunning && ![...workers.values()].some(({ takesConnections }) => takesConnections)) port.close();
    },
  });

  function start(): WorkerProcess {
    const number = ++started;
    const assignment = { number, count, folder, isReplacement: isRunning, task: taskFor(port.number) };
    const worker = startWorkerProcess({
      ...{ path: program, assignment, handlersFor, onLine, lookMs },
      onSilent(silentMs) {
        log.warn('worker.silent', { worker: number, pid: worker.pid, silentMs });
      },
      onAnswered(silentMs) {
        log.info('worker.answered', { worker: number, pid: worker.pid, silentMs });
        port.offerWaiting();
      },
    });
    workers.set(number, worker);
    void worker.ready.then(
      () => {
        log.info('worker.started', { worker: number, pid: worker.pid });
        port.offerWaiting();
      },
      (err: unknown) => {
        if (isRunning) log.error('worker.failed', { worker: number, err });
      },
    );
    void worker.ended.then((end) => onEnded(worker, end));
    return worker;
  }

  function onEnded(worker: WorkerProcess, end: End): void {
    const { number, pending } = worker;
    workers.delete(number);
    exchange.forget(worker);
    for (const [socket, head] of pending) {
      // Without a handle, it was closed on its way.
      if (head === undefined && !socket.pending) port.offer(socket);
      else socket.destroy();
    }
    if (!isRunning) return;
    logEnd(worker, end);
    refill();
  }

  function logEnd({ number, pid, endedFor: reason }: WorkerProcess, { code, signal }: End): void {
    const how = signal === null ? { code } : { signal };
    log.warn('worker.ended', { worker: number, pid, ...how, ...(reason !== undefined && { reason }) });
  }

  /** Called by a timer: nobody else catches what the system has against another process. */
  function replace(): void {
    try {
      start();
    } catch (err) {
      log.error('worker.failed', { worker: started, err });
      refill();
    }
  }

  function refill(): void {
    if (isRunning) replacements.refill([...workers.values()].filter(({ isLeaving }) => !isLeaving).length);
  }

  const port = await openPort(options.port, host, give).catch((error: unknown) => {
    removeFolder();
    throw error;
  });
  const replacements = createReplacements(count, replace);

  function removeFolder(): void {
    rmSync(folder, { recursive: true, force: true });
  }

  function kill(): void {
    isRunning = false;
    replacements.close();
    for (const worker of workers.values()) worker.kill();
    removeFolder();
  }

  async function close(): Promise<void> {
    isRunning = false;
    replacements.close();
    const stopping = [...workers.values()];
    for (const { link } of stopping) link.tell('stop');
    const force = setTimeout(kill, options.stopWithinMs + GRACE_MS);
    await Promise.all(
      stopping.map(async (worker) => {
        const end = await worker.ended;
        if (end.code !== 0) logEnd(worker, end);
      }),
    );
    clearTimeout(force);
    port.close();
    removeFolder();
  }

  const first: WorkerProcess[] = [];
  try {
    while (first.length < count) first.push(start());
    await Promise.all(first.map(({ ready }) => ready));
  } catch (error) {
    kill();
    await Promise.all(first.map(({ ended }) => ended));
    port.close();
    removeFolder();
    throw error;
  }
  isRunning = true;
  return { port: port.number, close, kill };
}
