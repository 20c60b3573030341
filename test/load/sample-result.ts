import { Ledger } from '../../src/load/ledger.ts';
import { Recorder } from '../../src/load/recorder.ts';
import type { LoadResult } from '../../src/load/result.ts';
import { judgeRun } from '../../src/load/verdict.ts';

export const EVIL = '<script>alert("x")</script> & ]]> | \u0007';

interface RunOptions {
  failure?: string;
  latencyMs?: number;
  leaked?: string;
  isInterrupted?: boolean;
  busy?: number;
  waitMs?: number;
  isMet?: boolean;
}

/** A run of two expectations, as the recorder, the ledger and the judge make it. */
export function result({
  failure,
  latencyMs = 5,
  leaked,
  isInterrupted = false,
  busy = 0.2,
  waitMs = 0.1,
  isMet = true,
}: RunOptions = {}): LoadResult {
  const recorder = new Recorder();
  const ledger = new Ledger();
  for (let second = 0; second < 4; second += 1) {
    recorder.count('connects', 10);
    recorder.count('users_started');
    recorder.check('first', 10, 0);
    if (failure !== undefined) recorder.check('second', 0, 1, failure);
    else recorder.check('second', 1, 0);
    for (let n = 0; n < 50; n += 1) recorder.latency('ack', latencyMs + n / 10);
    const delta = recorder.drain({ busy, delayP99Ms: 1, waitMs });
    ledger.add(1, { ...delta, at: ledger.startedAt + second * 1_000 });
  }
  return judgeRun({
    ledger,
    compiled: {
      isSuite: true,
      checks: [
        { name: 'first', isJudged: true },
        { name: 'second', isJudged: true },
        { name: 'quiet', isJudged: false },
      ],
    },
    thresholds: [{ expression: 'rtserver.ack_ms.p95 < 100', isMet, isStrict: true }],
    troubles: [],
    leaks: leaked === undefined ? { status: 'none', findings: [] } : { status: 'leaked', findings: [leaked] },
    serverFigures: null,
    isInterrupted,
    scenario: {
      file: '/x/limits.yml',
      question: `Does it hold? ${failure === EVIL ? EVIL : ''}`,
      sha256: 'a'.repeat(64),
    },
    server: { url: 'http://127.0.0.1:1', startedForTheRun: true },
    variables: { connectionsPerUser: 3 },
    artillery: '2.0.34',
  });
}
