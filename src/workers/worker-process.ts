import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { RtError } from '../contract/errors.ts';
import type { Assignment } from './assignment.ts';
import { createLink, type Handlers, type Link } from './link.ts';
import { watchAnswers } from './watch-answers.ts';

/** A worker, as the primary process sees it. */
export interface WorkerProcess {
  readonly number: number;
  readonly pid: number | undefined;
  readonly link: Link;
  /** Connections on their way to it, and what has been read of them. */
  readonly pending: ReadonlyMap<Socket, string | undefined>;
  /** Is it there for the others? From before it has read what they share. */
  isJoined: boolean;
  /** May it be given connections? */
  takesConnections: boolean;
  /** Is it on its way out, for a reason of its own? */
  isLeaving: boolean;
  /** Does it not answer? */
  isSilent: boolean;
  /** Why it was ended, where that was not its own doing. */
  endedFor: string | undefined;
  /** Resolves when it is ready, or rejects with why it cannot be. */
  readonly ready: Promise<void>;
  /** Resolves when it is gone. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Lets it have a TCP connection, of which `head` has been read. */
  give(socket: Socket, head?: string): void;
  kill(): void;
}

export interface WorkerProgram {
  /** The script. */
  path: string;
  assignment: Assignment;
  /** What it says about itself and asks for; beside that it is heard here. */
  handlersFor(worker: WorkerProcess): Handlers;
  /** A line of its output. */
  onLine(line: string): void;
  /** How often it is looked after. */
  lookMs: number;
  /** It has served, and has not answered for so long. */
  onSilent(silentMs: number): void;
  onAnswered(silentMs: number): void;
}

/** @throws what Node throws at once; most of what keeps a process from starting is what `ready` rejects with */
export function startWorkerProcess(program: WorkerProgram): WorkerProcess {
  const { path, assignment, handlersFor, onLine } = program;
  // Advanced: payloads with bytes come out as they went in.
  const child = fork(path, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], serialization: 'advanced' });
  // A process that could not be started has neither output nor an id, and an end after its `error`.
  child.on('error', (error) => onFailed(error));
  if (child.stdout) createInterface({ input: child.stdout }).on('line', onLine);
  const pending = new Map<Socket, string | undefined>();
  const ended = new Promise<Awaited<WorkerProcess['ended']>>((resolve) => {
    // Not `exit`: only then has all output been read.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  let onFailed = (_error: unknown) => {};
  let onReady = () => {};
  const ready = new Promise<void>((resolve, reject) => {
    onReady = resolve;
    onFailed = reject;
  });
  ready.catch(() => {});

  const worker: WorkerProcess = {
    number: assignment.number,
    pid: child.pid,
    pending,
    isJoined: false,
    takesConnections: false,
    isLeaving: false,
    isSilent: false,
    endedFor: undefined,
    ready,
    ended,
    get link() {
      return link;
    },
    give(socket, head) {
      pending.set(socket, head);
      link.tell('connection', head, socket, (error) => {
        if (error === null) pending.delete(socket);
        // The process is ending, and has no channel any more: what is still here is somebody else's then.
        else worker.takesConnections = false;
      });
    },
    kill() {
      // Without an id, Node would kill all processes of this one's group.
      if (child.pid !== undefined) child.kill('SIGKILL');
    },
  };

  const link = createLink(child, {
    ...handlersFor(worker),
    join() {
      worker.isJoined = true;
      // Not before: to read its program may take long where the machine has much to do.
      stopLooking = look();
      return assignment;
    },
    ready() {
      worker.takesConnections = true;
      onReady();
    },
    failed({ code, detail, message }: { code?: never; detail: RtError['detail']; message: string }) {
      onFailed(code === undefined ? new Error(message) : new RtError(code, detail));
    },
  });
  let stopLooking = () => {};
  const look = () =>
    watchAnswers(() => link.call('look'), program.lookMs, {
      onSilent(silentMs) {
        // Whoever is still beginning may take its time.
        if (!worker.takesConnections) return;
        worker.isSilent = true;
        program.onSilent(silentMs);
      },
      onAnswered(silentMs) {
        if (!worker.isSilent) return;
        worker.isSilent = false;
        program.onAnswered(silentMs);
      },
      onStuck(silentMs) {
        worker.endedFor = `it did not answer for ${Math.round(silentMs / 1_000)} s`;
        worker.kill();
      },
    });
  void ended.then(({ code, signal }) => {
    stopLooking();
    link.close();
    onFailed(new Error(`a worker ended with ${signal ?? code} before it was ready`));
  });
  return worker;
}
