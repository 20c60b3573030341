import { describe, expect, test } from 'vitest';
import type { Answers, Bus } from '../../src/contract/cluster.ts';
import type { Snapshot, ViewName } from '../../src/contract/snapshot.ts';
import { applyDelta } from '../../src/contract/snapshot.ts';
import { sketch } from '../../src/core/distinct.ts';
import { createObservation, type Observed } from '../../src/core/observe.ts';
import { parseFilter } from '../../src/core/observe-filter.ts';
import { createRateWindow } from '../../src/core/observe-rates.ts';
import { NAMES_SKETCHED, type SnapshotPart, type Snapshots } from '../../src/core/snapshot.ts';
import { createDeltas } from '../../src/core/snapshot-delta.ts';
import { takePage } from '../../src/core/snapshot-page.ts';
import { resolveQuery } from '../../src/core/snapshot-query.ts';
import { createWatching } from '../../src/core/watching.ts';
import { until } from '../support/until.ts';

interface Item {
  name: string;
  count: number;
  rooms: string[];
}

const fields = {
  name: ({ name }: Item) => name,
  count: ({ count }: Item) => count,
  room: ({ rooms }: Item) => rooms,
};
const items: Item[] = [
  { name: 'Alice', count: 3, rooms: ['protocol:7', 'lobby'] },
  { name: 'bob', count: 12, rooms: [] },
  { name: 'carol', count: 1, rooms: ['lobby'] },
];
const namesOf = (filter: string) => items.filter(parseFilter(filter, fields) ?? (() => true)).map(({ name }) => name);

describe('a filter', () => {
  test.for([
    ['', ['Alice', 'bob', 'carol']],
    ['ALI', ['Alice']],
    ['name:o', ['bob', 'carol']],
    ['!name:o', ['Alice']],
    ['lobby !alice', ['carol']],
    ['protocol:7', ['Alice']],
    ['room:proto', ['Alice']],
    ['room=lobby', ['Alice', 'carol']],
    ['name=bo', []],
    ['count>2', ['Alice', 'bob']],
    ['count<2', ['carol']],
    ['room>0', ['Alice', 'carol']],
    ['count:1', ['carol']],
    ['name:', ['Alice', 'bob', 'carol']],
    ['!', ['Alice', 'bob', 'carol']],
    ['constructor:x', []],
    ['count>shoe', []],
  ] as const)('"%s" leaves %j', ([filter, names]) => {
    expect(namesOf(filter)).toEqual(names);
  });
});

describe('a page', () => {
  const numbers = Array.from({ length: 5_000 }, (_, index) => ({
    name: `n${index}`,
    count: (index * 7_919) % 5_000,
    rooms: [],
  }));
  const source = {
    items: numbers,
    fields,
    sorts: { count: fields.count, name: fields.name },
    describe: (item: Item) => item,
  };
  const page = (query: object) =>
    takePage(source, { filter: '', sort: 'count', reverse: false, offset: 0, size: 10, ...query });

  test.for([0, 37, 4_990])('from %i on is what sorting everything would give', (offset) => {
    const sorted = numbers.toSorted((a, b) => b.count - a.count).slice(offset, offset + 10);
    expect(page({ offset }).rows).toEqual(sorted);
    const turned = numbers.toSorted((a, b) => a.count - b.count).slice(offset, offset + 10);
    expect(page({ offset, reverse: true }).rows).toEqual(turned);
  });

  test('sorts names from A to Z', () => {
    expect(page({ sort: 'name', size: 3 }).rows.map(({ name }) => name)).toEqual(['n0', 'n1', 'n10']);
  });

  test('past the end is the last one', () => {
    expect(page({ offset: 1e9 })).toMatchObject({ offset: 4_990, matching: 5_000, all: 5_000 });
  });

  test('of a sort that has no key keeps the order it was given', () => {
    expect(page({ sort: 'time', size: 2 }).rows.map(({ name }) => name)).toEqual(['n0', 'n1']);
    expect(page({ sort: 'time', size: 1, reverse: true }).rows.map(({ name }) => name)).toEqual(['n4999']);
  });
});

describe('deltas', () => {
  const snapshotOf = (...rows: object[]) => ({ rows }) as unknown as Snapshot;

  test('hold only what changed, and give back the whole', () => {
    const toDelta = createDeltas();
    const first = snapshotOf({ key: 'a', n: 1 }, { key: 'b', n: 1 });
    const second = snapshotOf({ key: 'b', n: 1 }, { key: 'c', n: 1 }, { key: 'a', n: 2 });
    expect(toDelta(first).rows).toEqual(first.rows);
    const delta = toDelta(second);
    expect(delta.rows).toEqual([1, { key: 'c', n: 1 }, { key: 'a', n: 2 }]);
    expect(applyDelta(delta, first.rows)).toEqual(second);
  });

  test('never grow beyond their bound', () => {
    const rows = Array.from({ length: 200 }, (_, key) => ({ key: String(key), text: 'x'.repeat(10_000) }));
    const delta = createDeltas()(snapshotOf(...rows));
    expect(JSON.stringify(delta).length).toBeLessThan(310_000);
    expect(delta.rows.length).toBeGreaterThan(20);
  });
});

describe('snapshots of a cluster', () => {
  /** Of a node that has 300 rooms, and sends none of them. */
  const partOf = (node: string, received = 0) =>
    ({
      snapshot: {
        rows: [],
        matching: 300,
        all: 300,
        figures: { received, emitted: 0, delivered: 0, refusedLastMinute: {} },
      },
      health: { node },
      ...{ users: [], rooms: [] },
    }) as unknown as SnapshotPart;
  const query = resolveQuery({ view: 'rooms' });
  const rowsOf = () => ({ rows: [] });

  /** A watch on node `a`, and what the others say to its next questions. */
  function watchCluster() {
    const own = { observation: createObservation(), part: () => partOf('a'), rowsOf } as unknown as Snapshots;
    let others: Answers<SnapshotPart> = { answers: [], missing: 0 };
    const ask = (topic: string) => Promise.resolve(topic === 'top' ? others : { answers: [], missing: 0 });
    const watching = createWatching({ by: undefined }, () => own, { ask, answer: () => {} } as unknown as Bus);
    watching.begin();
    return (view: ViewName, ...answers: SnapshotPart[]) => {
      others = { answers, missing: 0 };
      return watching.take(resolveQuery({ view }), 0);
    };
  }

  test('count all rows that there are, also those that cannot be gone to', async () => {
    const take = watchCluster();
    const nodes = ['b', 'c', 'd'].map((node) => partOf(node));
    expect(await take('sockets', ...nodes)).toMatchObject({ matching: 1_200, all: 1_200, reach: 1_000 });
    const few = await take('sockets', partOf('b'));
    expect(few).toMatchObject({ matching: 600, all: 600 });
    expect(few).not.toHaveProperty('reach');
  });

  test('count a name that several nodes have once, also among the rows that were not sent', async () => {
    const names = Array.from({ length: 400 }, (_, at) => `user:${at}`);
    const part = { ...partOf('b'), users: sketch(names, NAMES_SKETCHED) };
    const { matching, all, reach } = await watchCluster()('users', part, { ...part, health: partOf('c').health });
    expect(all).toBeGreaterThan(350);
    expect(all).toBeLessThan(450);
    expect(matching).toBe(all);
    expect(reach).toBe(900);
  });

  test('forget what a node that is gone had counted', async () => {
    const take = watchCluster();
    const receivedOf = async (...nodes: SnapshotPart[]) => (await take('rooms', ...nodes)).figures.received;
    expect(await receivedOf(partOf('b', 10))).toBe(10);
    expect(await receivedOf(partOf('b', 15))).toBe(15);
    expect(await receivedOf()).toBe(15);
    expect(await receivedOf(partOf('b', 50))).toBe(15);
    expect(await receivedOf(partOf('b', 51))).toBe(16);
  });

  test('do not begin to watch again for a viewer that has left meanwhile', async () => {
    const observed: Observed = { by: undefined };
    let closings = 0;
    const close = () => closings++;
    const own = { observation: createObservation(), part: () => partOf('a'), rowsOf, close } as unknown as Snapshots;
    let answerRows = (_answers: Answers<never>) => {};
    const rows = new Promise<Answers<never>>((resolve) => {
      answerRows = resolve;
    });
    const asked: string[] = [];
    const ask = (topic: string): Promise<Answers<never>> => {
      asked.push(topic);
      return topic === 'top' ? Promise.resolve({ answers: [], missing: 0 }) : rows;
    };
    const watching = createWatching(observed, () => own, { ask, answer: () => {} } as Bus);
    watching.begin();
    const taken = watching.take(query, 0);
    await until(() => asked.includes('top-rows'));
    expect(observed.by).toBe(own.observation);
    watching.end();
    answerRows({ answers: [], missing: 0 });
    await taken;
    expect(observed.by).toBeUndefined();
    expect(closings).toBe(1);
  });
});

test('a rate is that of the last seconds, and fades to nothing', () => {
  let time = 0;
  const window = createRateWindow<string>(() => time);
  for (let count = 0; count < 20; count++) window.count('a');
  time = 2_000;
  expect(window.rateOf('a')).toBe(10);
  window.tick();
  time = 4_000;
  expect(window.rateOf('a')).toBe(5);
  window.tick();
  window.tick();
  time = 6_000;
  window.tick();
  expect(window.rateOf('a')).toBe(0);
  expect(window.rateOf('b')).toBe(0);
});
