/** Work that a graceful stop waits for: acknowledgements that are awaited, handlers that still run. */
export interface InFlight {
  /** Passes the promise on, counted until it settles. */
  track<Value>(work: Promise<Value>): Promise<Value>;
  /** Resolves when nothing is under way, at the latest after `withinMs`. */
  idle(withinMs: number): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  let onIdle: (() => void)[] = [];

  function settle(): void {
    count--;
    if (count > 0) return;
    for (const resolve of onIdle) resolve();
    onIdle = [];
  }

  return {
    track(work) {
      count++;
      work.then(settle, settle);
      return work;
    },
    async idle(withinMs) {
      if (count === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        onIdle.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}
