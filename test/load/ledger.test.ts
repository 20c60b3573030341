import { expect, test } from 'vitest';
import { Ledger } from '../../src/load/ledger.ts';
import { Recorder } from '../../src/load/recorder.ts';
import { renderHtml } from '../../src/load/reports/html.ts';
import { readResult } from '../../src/load/reports/result-schema.ts';
import { judgeRun } from '../../src/load/verdict.ts';
import { result } from './sample-result.ts';

const SECONDS = 3_600 * 2;

/** A run of two hours, with two events, a latency and a note each second. */
function longRun(): Ledger {
  const ledger = new Ledger();
  const recorder = new Recorder();
  for (let second = 0; second < SECONDS; second += 1) {
    recorder.count('received', 2);
    recorder.latency('ack', second === SECONDS - 1 ? 900 : 5);
    recorder.note(`note ${second}`);
    recorder.check('first', 0, 1, `example ${second}`);
    ledger.add(1, {
      ...recorder.drain({ busy: second % 2, delayP99Ms: 1, waitMs: 0 }),
      at: ledger.startedAt + second * 1_000,
    });
  }
  return ledger;
}

test('has no more points, notes and examples after hours, and loses no count', () => {
  const ledger = longRun();
  const { moments } = ledger.timeline;
  expect(moments.length).toBeLessThanOrEqual(1_800);
  expect(moments.reduce((sum, { counts }) => sum + (counts.received ?? 0), 0)).toBe(2 * SECONDS);
  expect(moments.reduce((sum, { latencies }) => sum + (latencies.get('ack')?.count ?? 0), 0)).toBe(SECONDS);
  for (const { second, seconds, counts } of moments.slice(0, -1)) {
    expect([second % seconds, counts.received]).toEqual([0, 2 * seconds]);
  }
  expect(moments.at(-1)?.latencies.get('ack')?.max).toBe(900);
  expect(ledger.notes).toHaveLength(51);
  expect(ledger.notes.at(-1)).toBe('and 7,150 more notes');
  expect(ledger.checks.get('first')).toMatchObject({ failed: SECONDS, examples: { length: 5 } });
  expect([ledger.generator.busyMean, ledger.eventsPerSecond]).toEqual([0.5, 2]);
});

test('shows a long run at its rates, second by second', () => {
  const base = result();
  const compiled = { isSuite: false, checks: base.checks };
  const ledger = longRun();
  const long = judgeRun({ ...base, ledger, compiled, troubles: [], isInterrupted: false, artillery: '' });
  expect(long.timeline[0]).toMatchObject({ second: 0, seconds: 4, received: 8 });
  expect(readResult(JSON.stringify(long)).timeline).toHaveLength(long.timeline.length);
  // Two a second: the axis of the plot goes no further.
  expect(renderHtml(long)).toMatch(/Throughput[\s\S]*?text-anchor="end">2<\/text>/);
});

test('knows of sockets that came and went within a second, at several workers', () => {
  const ledger = new Ledger();
  const [one, other] = [new Recorder(), new Recorder()];
  other.connected('held');
  ledger.add(2, { ...other.drain(), at: ledger.startedAt });
  for (const id of ['a', 'b', 'c']) one.connected(id);
  for (let n = 0; n < 3; n += 1) one.ended();
  ledger.add(1, { ...one.drain(), at: ledger.startedAt });
  expect(ledger.timeline.moments).toMatchObject([{ open: 1, openMax: 4 }]);
  expect(ledger.open).toBe(1);
  ledger.add(1, { ...one.drain(), at: ledger.startedAt + 1_000 });
  expect(ledger.timeline.moments.at(-1)).toMatchObject({ open: 1, openMax: 1 });
});
