import { plural, showMs } from '../quantity.ts';
import type { CheckResult, LoadResult } from '../result.ts';

/** What a terminal can do for a text. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
}

const PLAIN: Style = { bold: String, dim: String, green: String, red: String };

/** Rows that say something: every expectation, and of the rest what did not hold. */
export const rowsOf = ({ checks }: LoadResult): CheckResult[] =>
  checks.filter((check) => check.isJudged || check.failed > 0);

export type CheckState = 'passed' | 'failed' | 'not reached';

export function stateOf({ passed, failed }: CheckResult): CheckState {
  if (failed > 0) return 'failed';
  return passed > 0 ? 'passed' : 'not reached';
}

/** The verdict for a terminal. */
export function renderTable(result: LoadResult, style: Style = PLAIN): string {
  return [
    ...renderChecks(result, style),
    ...renderThresholds(result, style),
    '',
    ...renderFigures(result, style),
    '',
    renderConclusion(result, style),
  ].join('\n');
}

function renderChecks(result: LoadResult, { green, red, dim, bold }: Style): string[] {
  const rows = rowsOf(result);
  const width = Math.min(90, Math.max(11, ...rows.map(({ name }) => name.length)));
  const head = bold(`  ${'expectation'.padEnd(width)}  ${'passed'.padStart(9)}  ${'failed'.padStart(7)}`);
  return [
    head,
    ...rows.flatMap((check) => {
      const state = stateOf(check);
      const sign = { passed: green('✓'), failed: red('✗'), 'not reached': dim('–') }[state];
      const counts = `${show(check.passed).padStart(9)}  ${show(check.failed).padStart(7)}`;
      const line = `${sign} ${check.name.padEnd(width)}  ${state === 'not reached' ? dim('not reached'.padStart(18)) : counts}`;
      return check.examples[0] === undefined ? [line] : [line, red(`    ${check.examples[0]}`)];
    }),
  ];
}

function renderThresholds({ thresholds }: LoadResult, { green, red, bold }: Style): string[] {
  if (thresholds.length === 0) return [];
  const rows = thresholds.map(({ expression, isMet, isStrict, problem }) => {
    const optional = isStrict ? '' : ' (optional)';
    const why = problem === undefined ? '' : red(`: ${problem}`);
    return `${isMet ? green('✓') : red('✗')} ${expression}${optional}${why}`;
  });
  return ['', bold('  thresholds'), ...rows];
}

/** Facts by name: what the client saw, what the server says, what was left over. */
export function figuresOf(result: LoadResult): [string, string][] {
  const { counts, latencies, serverFigures: server, generator, leaks, virtualUsers } = result;
  // Reports from before it was counted have none.
  const failures = (counts.failures ?? 0) > 0 ? `${show(counts.failures)} failed, ` : '';
  const rows: [string, string][] = [
    [
      'client',
      `${plural(counts.connects, 'connection')}, ${show(counts.refusals)} refused, ${failures}${plural(counts.received, 'event')} received, ${plural(counts.acks, 'acknowledgement')}`,
    ],
  ];
  if (server !== null) {
    rows.push([
      'server',
      `${plural(server.accepted, 'connection')}, ${show(server.refused)} refused, ${plural(server.deliveries, 'delivery', 'deliveries')}, ${plural(server.eventsReceived, 'event')} received, CPU ${(server.cpuMs / 1_000).toFixed(1)} s, memory up to ${Math.round(server.rssBytesMax / 1e6)} MB${server.isSinceRestart ? ' (since its restart)' : ''}`,
    ]);
  }
  for (const [name, { p50, p95, p99, max, count }] of Object.entries(latencies)) {
    rows.push([
      name,
      `p50 ${showMs(p50)}, p95 ${showMs(p95)}, p99 ${showMs(p99)}, max ${showMs(max)} (${show(count)})`,
    ]);
  }
  if (virtualUsers.started > 1 || virtualUsers.failed > 0) {
    rows.push(['virtual users', `${show(virtualUsers.started)}, ${show(virtualUsers.failed)} failed`]);
  }
  const busy = `event loop busy ${Math.round(generator.busyMean * 100)} % on average, ${Math.round(generator.busyMax * 100)} % at most`;
  const late = generator.lateSends === 0 ? '' : `, ${plural(generator.lateSends, 'late send')}`;
  const own =
    generator.ownShare === undefined ? '' : `, ${Math.round(generator.ownShare * 100)} % of the latencies its own`;
  rows.push(['generator', `${busy}${own}${late}`]);
  rows.push(['left over', describeLeaks(leaks)]);
  for (const note of result.notes) rows.push(['note', note]);
  return rows;
}

function describeLeaks({ status, scope, findings }: LoadResult['leaks']): string {
  if (status === 'not judged') return `not judged: ${findings.join(', ')}`;
  if (status === 'leaked') return findings.join(', ');
  return scope === 'run'
    ? 'nothing of this run: its sockets are gone, and no slot is held without one (others use the server, too)'
    : 'nothing: sockets, slots, users and rooms are back where they were';
}

function renderFigures(result: LoadResult, { dim }: Style): string[] {
  return figuresOf(result).map(([name, text]) => `  ${dim(name.padEnd(14))}${text}`);
}

export const BOTTLENECK =
  'The generator itself was the bottleneck: its latencies say more about it than about the server.';

function renderConclusion(result: LoadResult, { green, red, bold }: Style): string {
  const { verdict, reasons, durationMs, generator } = result;
  const rows = rowsOf(result);
  const held = rows.filter((check) => stateOf(check) === 'passed').length;
  const summary = `${held} of ${plural(rows.length, 'expectation')} held, in ${(durationMs / 1_000).toFixed(1)} s`;
  const word = { passed: green('PASSED'), failed: red('FAILED'), interrupted: red('INTERRUPTED') }[verdict];
  const lines = [`${bold(word)} ${summary}`, ...reasons.map((reason) => `  ${reason}`)];
  if (verdict === 'interrupted') lines.push('  it was interrupted: the verdict is of what was seen until then');
  if (generator.isBottleneck) lines.push(`  ${BOTTLENECK}`);
  return lines.join('\n');
}

const show = (count: number) => count.toLocaleString('en-US');
