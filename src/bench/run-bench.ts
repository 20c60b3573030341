import { cpus } from 'node:os';
import { VERSION } from '../contract/version.ts';
import { startControl } from './control.ts';
import { measureHttp } from './http.ts';
import type { BenchResult, BenchRow } from './result.ts';
import { measureAcks, measureConnections, measureFanOut, type SocketPlan } from './sockets.ts';
import type { Subject } from './subject.ts';

export interface BenchOptions extends SocketPlan {
  subject: Subject;
  adminToken: string;
  /** Measures bare Socket.IO beside it. */
  withControl: boolean;
  signal: AbortSignal;
  onRow(row: BenchRow): void;
}

/** Measures one thing after the other: two at once would measure each other. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { subject, adminToken, withControl, signal, sockets, durationMs } = options;
  const rows: BenchRow[] = [];
  const add = (row: BenchRow) => {
    rows.push(row);
    options.onRow(row);
  };
  if (!signal.aborted) add(await measureHttp({ url: subject.url, token: adminToken, durationMs, signal }));
  await measureSockets(subject, options, add);
  if (withControl && !signal.aborted) {
    const control = await startControl();
    try {
      await measureSockets(control.subject, options, add);
    } finally {
      await control.close();
    }
  }
  return {
    format: 'rtserver-bench/1',
    ok: rows.length > 0 && rows.every(({ errors }) => errors === 0),
    rows,
    ...{ sockets, durationMs },
    versions: { rtserver: VERSION, node: process.versions.node },
    machine: { cpus: cpus().length, model: cpus()[0]?.model ?? '' },
  };
}

async function measureSockets(subject: Subject, options: BenchOptions, add: (row: BenchRow) => void): Promise<void> {
  if (options.signal.aborted) return;
  const { row, wires } = await measureConnections(subject, options);
  try {
    add(row);
    if (row.errors > 0) return;
    if (!options.signal.aborted) add(await measureAcks(subject, wires, options));
    if (!options.signal.aborted) add(await measureFanOut(subject, wires, options));
  } finally {
    await Promise.all(wires.map((wire) => wire.close()));
  }
}
