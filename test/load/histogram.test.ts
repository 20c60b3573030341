import { expect, onTestFinished, test, vi } from 'vitest';
import { Histogram } from '../../src/load/histogram.ts';
import { createMatcher } from '../../src/load/match.ts';
import { paced, paceFor } from '../../src/load/pace.ts';
import { Recorder, slug } from '../../src/load/recorder.ts';
import { render } from '../../src/load/template.ts';

test('percentiles are within two per cent', () => {
  const histogram = new Histogram();
  for (let ms = 1; ms <= 1_000; ms += 1) histogram.record(ms);
  for (const share of [0.5, 0.95, 0.99]) {
    const seen = histogram.percentile(share) ?? 0;
    expect(Math.abs(seen - share * 1_000) / (share * 1_000)).toBeLessThan(0.02);
  }
  expect(histogram.percentile(1)).toBe(1_000);
});

test('two histograms add up to the one of everything', () => {
  const [left, right, all] = [new Histogram(), new Histogram(), new Histogram()];
  for (let ms = 1; ms <= 500; ms += 1) {
    (ms % 3 === 0 ? left : right).record(ms);
    all.record(ms);
  }
  left.merge(structuredClone(right.toData()));
  expect(left.toData().buckets).toEqual(all.toData().buckets);
  expect(left.percentile(0.95)).toBe(all.percentile(0.95));
});

test('an empty one has no percentiles, and changes nothing', () => {
  const histogram = new Histogram();
  expect(histogram.percentile(0.5)).toBeUndefined();
  histogram.record(5);
  histogram.merge(new Histogram().toData());
  expect(histogram.min).toBe(5);
});

test('a stall counts as late sends, and each is told when it was due', async () => {
  const recorder = new Recorder();
  const due: number[] = [];
  const from = performance.now();
  await paced(paceFor(100, 300), recorder, (index, dueAt) => {
    due.push(Math.round(dueAt - from));
    // A generator that is busy with something else.
    if (index === 0) for (const end = performance.now() + 200; performance.now() < end; );
  });
  expect(due).toHaveLength(30);
  expect((due[29] ?? 0) - (due[0] ?? 0)).toBe(290);
  expect(recorder.drain().counts.lateSends).toBeGreaterThan(5);
});

test.for([
  [paceFor(100, 300), 30],
  [paceFor(1, 400), 1],
  [paceFor(10, 0), 0],
  [{ perSecond: 1_000, times: 0 }, 0],
  [{ perSecond: 1_000, times: 7 }, 7],
] as const)('%j is %i times', async ([pace, times]) => {
  let sent = 0;
  await paced(pace, new Recorder(), () => {
    sent += 1;
  });
  expect(sent).toBe(times);
});

test('what waits for its batch is not late', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const recorder = new Recorder();
  const done = paced({ perSecond: 100, times: 30, atLeastMs: 100 }, recorder, () => {});
  await vi.advanceTimersByTimeAsync(1_000);
  await done;
  expect(recorder.drain().counts.lateSends).toBeUndefined();
});

test('a rate of 0 is refused where there is something to send', async () => {
  await expect(paced({ perSecond: 0, times: 1 }, new Recorder(), () => {})).rejects.toThrow(
    '"rate" must be more than 0',
  );
});

test.for([
  ['{{ n }}', 3],
  ['{{ n + 1 }}', 4],
  ['{{ (n + 1) * 2 - 8 / 4 }}', 6],
  ["{{ 'a' + n }}", 'a3'],
  ['user-{{ n }}', 'user-3'],
  ['{{ deep.er }}', true],
  ['{{ max(n, 10) }}', 10],
  ["{{ seconds('2m') }}", 120],
  ['{{ -n }}', -3],
] as const)('%s is %s', ([template, value]) => {
  expect(render({ list: [template] }, { n: 3, deep: { er: true } })).toEqual({ list: [value] });
});

test.for(['{{ nope }}', '{{ n. }}', '{{ n + }}', '{{ n n }}', '{{ constructor }}', '{{ deep.toString }}', '{{ n() }}'])(
  '%s is an error',
  (template) => {
    expect(() => render(template, { n: 3, deep: {} })).toThrow();
  },
);

test('a match names what must be there, and lets the rest be', () => {
  const isMatch = (seen: unknown, expected: unknown) => createMatcher(expected)(seen);
  expect(isMatch({ a: 1, b: { c: [1, 2] }, d: 'x-7' }, { b: { c: [1, 2] }, d: '/^x-\\d$/' })).toBe(true);
  expect(isMatch({ a: 1 }, { a: 1, b: undefined })).toBe(true);
  expect(isMatch({ c: [1, 2, 3] }, { c: [1, 2] })).toBe(false);
  expect(isMatch('text', { a: 1 })).toBe(false);
  expect(isMatch({ d: 'y-7' }, { d: '/^x/' })).toBe(false);
  expect(isMatch({ d: 7 }, { d: '/7/' })).toBe(false);
});

test('a pattern that cannot be read is an error before anything is compared with it', () => {
  expect(() => createMatcher({ a: ['/(/'] })).toThrow('/(/ is no pattern: Unterminated group');
});

test('metrics have names that no other metric contains', () => {
  expect(slug('over the limit › "Max connections"')).toBe('over-the-limit-max-connections');
});
