import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { RtError } from '../contract/errors.ts';
import type { Assignment } from './assignment.ts';
import { createLink, type Handlers, type Link } from './link.ts';

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
}

/** Looked after so often; a worker that does not answer so many times stands still. */
const LOOK_MS = 5_000;
const SILENT_MAX = 6;

export function startWorkerProcess({ path, assignment, handlersFor, onLine }: WorkerProgram): WorkerProcess {
  // Advanced: payloads with bytes come out as they went in.
  const child = fork(path, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], serialization: 'advanced' });
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', onLine);
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
    kill: () => void child.kill('SIGKILL'),
  };

  const link = createLink(child, {
    ...handlersFor(worker),
    join() {
      worker.isJoined = true;
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
  const looking = watch(child, link);
  // A process that could not even be started has an `error` and no end.
  child.on('error', onFailed);
  void ended.then(({ code, signal }) => {
    clearInterval(looking);
    link.close();
    onFailed(new Error(`a worker ended with ${signal ?? code} before it was ready`));
  });
  return worker;
}

/** Ends a process that stands still: what is meant for it would fill the memory. */
function watch(child: ChildProcess, link: Link): NodeJS.Timeout {
  let silent = 0;
  const looking = setInterval(() => {
    if (++silent > SILENT_MAX) child.kill('SIGKILL');
    link.call('look').then(
      () => {
        silent = 0;
      },
      () => {},
    );
  }, LOOK_MS);
  looking.unref();
  return looking;
}
