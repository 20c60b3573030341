import { printable } from '../../contract/printable.ts';
import { padColumns, widthOf } from '../../contract/width.ts';
import { plural, showMs } from '../quantity.ts';
import type { CheckResult, LoadResult } from '../result.ts';
import { fold } from './fold.ts';

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

/** How a verdict is written. */
interface Layout {
  style: Style;
  /** Lines are broken at blanks to be no longer, and go on under where they began. */
  columns: number;
}

/** Lines narrower than this are not worth having. */
const COLUMNS_MIN = 40;

/** The verdict for a terminal of so many columns; elsewhere a line may be as long as it is. */
export function renderTable(result: LoadResult, style: Style = PLAIN, columns = Number.POSITIVE_INFINITY): string {
  const layout = { style, columns: Math.max(COLUMNS_MIN, columns) };
  return [
    ...renderChecks(result, layout),
    ...renderThresholds(result, layout),
    '',
    ...renderFigures(result, layout),
    '',
    ...renderConclusion(result, layout),
  ].join('\n');
}

const COUNTS_WIDTH = 18;
const NAME_WIDTH_MAX = 90;

function renderChecks(result: LoadResult, { style: { green, red, dim, bold }, columns }: Layout): string[] {
  const rows = rowsOf(result);
  const most = Math.min(NAME_WIDTH_MAX, columns - 2 - 2 - COUNTS_WIDTH);
  const names = rows.map(({ name }) => fold(printable(name), most));
  const width = Math.max(11, ...names.flat().map((line) => Math.min(most, widthOf(line))));
  const head = bold(`  ${'expectation'.padEnd(width)}  ${'passed'.padStart(9)}  ${'failed'.padStart(7)}`);
  return [
    head,
    ...rows.flatMap((check, index) => {
      const state = stateOf(check);
      const sign = { passed: green('✓'), failed: red('✗'), 'not reached': dim('–') }[state];
      const counts =
        state === 'not reached'
          ? dim('not reached'.padStart(COUNTS_WIDTH))
          : `${show(check.passed).padStart(9)}  ${show(check.failed).padStart(7)}`;
      const [first = '', ...more] = names[index] ?? [];
      const [example] = check.examples;
      return [
        `${sign} ${padColumns(first, width)}  ${counts}`,
        ...more.map((line) => `  ${line}`),
        ...(example === undefined ? [] : fold(printable(example), columns - 4).map((line) => red(`    ${line}`))),
      ];
    }),
  ];
}

function renderThresholds({ thresholds }: LoadResult, { style: { green, red, bold }, columns }: Layout): string[] {
  if (thresholds.length === 0) return [];
  const rows = thresholds.flatMap(({ expression, isMet, isStrict, problem }) => {
    const why = problem === undefined ? '' : `: ${printable(problem)}`;
    const [first, ...more] = fold(`${expression}${isStrict ? '' : ' (optional)'}${why}`, columns - 2);
    return [`${isMet ? green('✓') : red('✗')} ${first}`, ...more.map((line) => `  ${line}`)];
  });
  return ['', bold('  thresholds'), ...rows];
}

/** Facts by name: what the client saw, what the server says, what was left over. */
export function figuresOf(result: LoadResult): [string, string][] {
  const { counts, latencies, serverFigures: server, generator, leaks, virtualUsers } = result;
  // Reports from before it was counted have none.
  const failures = (counts.failures ?? 0) > 0 ? `${plural(counts.failures, 'attempt')} failed, ` : '';
  const closures = (counts.closures ?? 0) > 0 ? `${show(counts.closures)} closed by the server, ` : '';
  const rows: [string, string][] = [
    [
      'client',
      `${plural(counts.connects, 'connection')}, ${closures}${plural(counts.refusals, 'attempt')} refused, ${failures}${plural(counts.received, 'event')} received, ${plural(counts.acks, 'acknowledgement')}`,
    ],
  ];
  if (server !== null) {
    rows.push([
      'server',
      `${plural(server.accepted, 'connection')}${describeSurplus(result, server.accepted)}, ${plural(server.refused, 'attempt')} refused, ${plural(server.deliveries, 'delivery', 'deliveries')}, ${plural(server.eventsReceived, 'event')} received, CPU ${(server.cpuMs / 1_000).toFixed(1)} s, memory up to ${Math.round(server.rssBytesMax / 1e6)} MB${server.isSinceRestart ? ' (since its restart)' : ''}`,
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
  for (const note of result.notes) rows.push(['note', printable(note)]);
  return rows;
}

/** Why the server has let in more than the client says that it has. */
function describeSurplus({ counts, server }: LoadResult, accepted: number): string {
  if (accepted <= counts.connects) return '';
  const others = [
    ...(server.startedForTheRun ? [] : ['those of others']),
    ...(accepted > counts.connects + 1 ? ['attempts that were dropped half-way'] : []),
  ];
  return ` (with ${[...others, 'the one that asks for the limits'].join(', and ')})`;
}

function describeLeaks({ status, scope, findings }: LoadResult['leaks']): string {
  if (status === 'not judged') return `not judged: ${findings.join(', ')}`;
  if (status === 'leaked') return findings.join(', ');
  return scope === 'run'
    ? 'nothing of this run: its sockets are gone, and no slot is held without one (others use the server, too)'
    : 'nothing: sockets, slots, users and rooms are back where they were';
}

const TITLE_WIDTH = 14;

function renderFigures(result: LoadResult, { style: { dim }, columns }: Layout): string[] {
  return figuresOf(result).flatMap(([name, text]) =>
    fold(text, columns - 2 - TITLE_WIDTH).map(
      (line, at) => `  ${at === 0 ? dim(name.padEnd(TITLE_WIDTH)) : ' '.repeat(TITLE_WIDTH)}${line}`,
    ),
  );
}

export const BOTTLENECK =
  'The generator itself was the bottleneck: its latencies say more about it than about the server.';

function renderConclusion(result: LoadResult, { style: { green, red, bold }, columns }: Layout): string[] {
  const { verdict, reasons, answers = [], durationMs, generator } = result;
  const rows = rowsOf(result);
  const held = rows.filter((check) => stateOf(check) === 'passed').length;
  const summary = `${held} of ${plural(rows.length, 'expectation')} held, in ${(durationMs / 1_000).toFixed(1)} s`;
  const word = { passed: green('PASSED'), failed: red('FAILED'), interrupted: red('INTERRUPTED') }[verdict];
  const more = [
    ...reasons.flatMap(toLines),
    ...(verdict === 'interrupted' ? ['it was interrupted: the verdict is of what was seen until then'] : []),
    ...(generator.isBottleneck ? [BOTTLENECK] : []),
  ];
  const indent = (text: string) => fold(text, columns - 4).map((line, at) => `${at === 0 ? '  ' : '    '}${line}`);
  return [
    `${bold(word)} ${summary}`,
    ...answers.flatMap((answer) => indent(printable(answer)).map(bold)),
    ...more.flatMap(indent),
  ];
}

/** What Artillery printed has several. */
const toLines = (text: string) => text.split('\n').map(printable);

const show = (count: number) => count.toLocaleString('en-US');
