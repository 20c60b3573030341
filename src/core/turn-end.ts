/** How long one turn of the event loop may go on writing before everybody else has theirs. */
const TURN_MS = 5;
/** Looking at the clock costs as much as a short write. */
const WRITES_BETWEEN_LOOKS = 32;

export interface TurnEnd<Held> {
  /** Releases it when this turn of the event loop ends. Whoever adds something twice has it released twice. */
  add(held: Held): void;
  /** Sees to it that `onEnd` is called when this turn ends. */
  schedule(): void;
  /** Releases everything now. */
  flush(): void;
}

/**
 * Calls `release` at the end of a turn of the event loop for what was added in it, in that order. With thousands of them the
 * writing itself takes a while: it then pauses for the events of others.
 *
 * @param release what it throws ends the turn of those after it, and no more
 * @param onEnd called before anything is released, when a turn ends in which something was added or `schedule` called
 */
export function createTurnEnd<Held>(release: (held: Held) => void, onEnd = () => {}): TurnEnd<Held> {
  let added: Held[] = [];
  let next = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(onTurnEnd);
  }

  function onTurnEnd(): void {
    isScheduled = false;
    onEnd();
    try {
      releaseUntil(performance.now() + TURN_MS);
    } finally {
      if (added.length > 0) schedule();
    }
  }

  function releaseUntil(deadline: number): void {
    while (next < added.length) {
      release(added[next++] as Held);
      if (next % WRITES_BETWEEN_LOOKS === 0 && performance.now() > deadline) {
        added.splice(0, next);
        next = 0;
        return;
      }
    }
    added = [];
    next = 0;
  }

  return {
    schedule,
    add(held) {
      added.push(held);
      schedule();
    },
    flush: () => releaseUntil(Number.POSITIVE_INFINITY),
  };
}
