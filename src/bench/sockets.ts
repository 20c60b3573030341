import { openWire } from '../wire/open-wire.ts';
import type { Wire } from '../wire/wire.ts';
import { type BenchRow, summarize } from './result.ts';
import type { Subject } from './subject.ts';

export interface SocketPlan {
  sockets: number;
  durationMs: number;
  /** Ends a measurement before its time. */
  signal: AbortSignal;
}

const AT_ONCE = 50;
const TIMEOUT_MS = 10_000;
const ROOM = 'bench';

/** Connects all, so many at a time; the sockets stay for what is measured next. */
export async function measureConnections(
  subject: Subject,
  { sockets, signal }: SocketPlan,
): Promise<{ row: BenchRow; wires: Wire[] }> {
  const wires: Wire[] = [];
  const samples: number[] = [];
  const failures: string[] = [];
  let next = 0;
  const startedAt = performance.now();
  async function work(): Promise<void> {
    while (next < sockets && !signal.aborted) {
      const index = next++;
      const sentAt = performance.now();
      try {
        const wire = await openWire(subject.url, { path: subject.path, record: 0, timeoutMs: TIMEOUT_MS });
        wires.push(wire);
        const user = `bench-${Math.floor(index / subject.connectionsPerUser)}`;
        const answer = await wire.connect({ auth: subject.authOf(user), timeoutMs: TIMEOUT_MS });
        if (!answer.ok) failures.push(answer.message);
        samples.push(performance.now() - sentAt);
      } catch (error) {
        failures.push((error as Error).message);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, sockets) }, work));
  const seconds = (performance.now() - startedAt) / 1_000;
  return { row: toRow(subject, 'connections', 'connections', samples, seconds, failures), wires };
}

/** Each socket asks, and asks again when it is answered; none faster than it may. */
export async function measureAcks(
  subject: Subject,
  wires: readonly Wire[],
  { durationMs, signal }: SocketPlan,
): Promise<BenchRow> {
  const samples: number[] = [];
  const failures: string[] = [];
  const everyMs = 1_000 / (subject.eventsPerSecond * 0.8);
  const startedAt = performance.now();
  const endsAt = startedAt + durationMs;
  async function ask(wire: Wire): Promise<void> {
    while (performance.now() < endsAt && !signal.aborted) {
      const sentAt = performance.now();
      try {
        const answer = (await wire.emitWithAck('ping', undefined, { timeoutMs: TIMEOUT_MS })) as { ok?: boolean };
        if (answer?.ok === false) failures.push('answered with ok: false');
        samples.push(performance.now() - sentAt);
      } catch (error) {
        failures.push((error as Error).message);
        return;
      }
      const waitMs = sentAt + everyMs - performance.now();
      if (waitMs >= 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  await Promise.all(wires.map(ask));
  return toRow(subject, 'acknowledgements', 'round trips', samples, (performance.now() - startedAt) / 1_000, failures);
}

const BATCH = 10;

/** Batches of events to all, the next when the last is through; every delivery is counted, and must come once. */
export async function measureFanOut(
  subject: Subject,
  wires: readonly Wire[],
  { durationMs, signal }: SocketPlan,
): Promise<BenchRow> {
  const samples: number[] = [];
  const failures: string[] = [];
  let expected = 0;
  let arrived = 0;
  let through = () => {};
  const stops = wires.map((wire) => {
    const last = { round: 0, seen: new Set<number>() };
    return wire.onEvent(({ event, payload, at }) => {
      if (event !== 'bench:fan-out') return;
      const { round, seq, sentAt } = payload as { round: number; seq: number; sentAt: number };
      if (round > last.round) Object.assign(last, { round, seen: new Set() });
      // The next round begins when all of the last one has come.
      if (round < last.round || last.seen.has(seq)) {
        failures.push(`event ${seq + 1} of round ${round} came twice to one socket`);
        return;
      }
      last.seen.add(seq);
      samples.push(at - sentAt);
      arrived += 1;
      if (arrived === expected) through();
    });
  });
  await Promise.all(wires.map((wire) => wire.emitWithAck('room:join', { room: ROOM }, { timeoutMs: TIMEOUT_MS })));
  const startedAt = performance.now();
  const stop = () => through();
  signal.addEventListener('abort', stop);
  let round = 0;
  while (performance.now() - startedAt < durationMs && failures.length === 0 && !signal.aborted) {
    round += 1;
    expected += wires.length * BATCH;
    const done = new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, TIMEOUT_MS, false);
      through = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    const sentAt = performance.now();
    try {
      await subject.publish(
        Array.from({ length: BATCH }, (_, seq) => ({ event: 'bench:fan-out', payload: { round, seq, sentAt } })),
      );
      if (!(await done)) failures.push(`${expected - arrived} deliveries did not come within 10 s`);
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  signal.removeEventListener('abort', stop);
  for (const unsubscribe of stops) unsubscribe();
  return toRow(subject, 'fan-out', 'deliveries', samples, (performance.now() - startedAt) / 1_000, failures);
}

function toRow(
  { name: server }: Subject,
  name: BenchRow['name'],
  unit: string,
  samples: readonly number[],
  seconds: number,
  failures: readonly string[],
): BenchRow {
  return {
    ...{ server, name, unit },
    perSecond: Math.round(samples.length / seconds),
    count: samples.length,
    latency: summarize(samples),
    errors: failures.length,
    example: failures[0],
  };
}
