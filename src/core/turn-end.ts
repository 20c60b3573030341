import type { Writable } from 'node:stream';

/** How long one turn of the event loop may go on writing before everybody else has theirs. */
const TURN_MS = 10;
/** Looking at the clock costs as much as a short write. */
const WRITES_BETWEEN_LOOKS = 32;

export interface TurnEnd {
  /** Corks a stream that is not corked; what is written to it goes out when this turn of the event loop ends. */
  cork(stream: Writable): void;
  /** Does not wait for the end of the turn. */
  flush(): void;
}

/**
 * Holds streams back until the end of a turn of the event loop, so that each is written once however much is for it. With
 * thousands of them the writing itself takes a while: it then pauses for the events of others. Streams that are reached later
 * stay corked, and their messages in order.
 */
export function createTurnEnd(): TurnEnd {
  /** In the order of their first message. */
  let corked: Writable[] = [];
  let next = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(onTurnEnd);
  }

  function onTurnEnd(): void {
    isScheduled = false;
    uncorkUntil(performance.now() + TURN_MS);
    if (corked.length > 0) schedule();
  }

  function uncorkUntil(deadline: number): void {
    while (next < corked.length) {
      corked[next++]?.uncork();
      if (next % WRITES_BETWEEN_LOOKS === 0 && performance.now() > deadline) return;
    }
    corked = [];
    next = 0;
  }

  return {
    cork(stream) {
      stream.cork();
      corked.push(stream);
      schedule();
    },
    flush: () => uncorkUntil(Number.POSITIVE_INFINITY),
  };
}
