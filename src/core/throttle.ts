/**
 * Passes on the first of many at once, and while more come, the last one of each `everyMs` with how many there were. The
 * timer keeps no process alive.
 */
export function createThrottle<Item>(everyMs: number, pass: (item: Item, count: number) => void): (item: Item) => void {
  let waiting: { item: Item; count: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    timer = undefined;
    if (waiting === undefined) return;
    const { item, count } = waiting;
    waiting = undefined;
    timer = setTimeout(flush, everyMs).unref();
    pass(item, count);
  }

  return (item) => {
    waiting = { item, count: (waiting?.count ?? 0) + 1 };
    if (timer === undefined) flush();
  };
}
