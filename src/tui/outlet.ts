import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';

/** The way to a terminal's screen. It never waits for a terminal that does not read. */
export interface Outlet {
  /** Is there something on its way that the terminal has not taken? Then pictures are better skipped than queued. */
  isBusy(): boolean;
  write(text: string): void;
  /** Waits, but not long, until everything is taken: for what must be written before the process stops. */
  flush(): void;
  /** Goes on, after it has returned, until the terminal has taken what is on its way: it must not be left on another screen. */
  close(): void;
}

const RETRY_MIN_MS = 2;
const RETRY_MAX_MS = 100;
const FLUSH_MS = 500;
/** Somebody who comes back to a window finds it as it was; one that nobody comes back to holds no process. */
const CLOSING_MS = 10_000;

/**
 * Node writes to a terminal synchronously: one that does not read (a connection that stands still, a window that is stopped)
 * stops the process with all that it does. So this opens the terminal once more, for writes that take what there is room for.
 *
 * @param onFree called when it is busy no more
 */
export function createOutlet(stdout: WriteStream, onFree: () => void): Outlet {
  const terminal = openWithoutWaiting(stdout);
  if (terminal === undefined)
    return { isBusy: () => false, write: (text) => void stdout.write(text), flush() {}, close() {} };
  let rest: Buffer = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  let closingUntil: number | undefined;

  /** @returns whether all of it is written, or never will be: whoever hears that the terminal is gone ends the dashboard */
  function push(): boolean {
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(terminal as number, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      rest = Buffer.alloc(0);
    }
    return true;
  }

  function retryAfter(ms: number): void {
    timer = setTimeout(() => {
      timer = undefined;
      if (closingUntil !== undefined) closeOrRetry(closingUntil, ms);
      else if (push()) onFree();
      else retryAfter(Math.min(RETRY_MAX_MS, 2 * ms));
    }, ms);
  }

  function closeOrRetry(until: number, ms: number): void {
    if (push() || performance.now() > until) closeSync(terminal as number);
    else retryAfter(Math.min(RETRY_MAX_MS, 2 * ms));
  }

  return {
    isBusy: () => timer !== undefined,
    write(text) {
      rest = Buffer.concat([rest, Buffer.from(text)]);
      if (timer === undefined && !push()) retryAfter(RETRY_MIN_MS);
    },
    flush() {
      const deadline = performance.now() + FLUSH_MS;
      const sleeper = new Int32Array(new SharedArrayBuffer(4));
      while (!push() && performance.now() < deadline) Atomics.wait(sleeper, 0, 0, RETRY_MIN_MS);
    },
    close() {
      clearTimeout(timer);
      closingUntil = performance.now() + CLOSING_MS;
      closeOrRetry(closingUntil, RETRY_MIN_MS);
    },
  };
}

/** Elsewhere than on Linux a terminal cannot be opened anew by its descriptor; nor, maybe, where it is another user's. */
function openWithoutWaiting({ fd }: WriteStream & { fd?: number }): number | undefined {
  if (process.platform !== 'linux' || fd === undefined) return undefined;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}
