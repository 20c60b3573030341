import { alignColumns } from '../contract/width.ts';
import type { Report } from './diagnose.ts';
import type { Verdict } from './verdict.ts';

const HEAD = ['TRANSPORT', 'ORIGIN', 'TOKEN', 'RESULT', 'RULE', 'NOTE'] as const;

/** One note for all the attempts that have the same reason. */
interface Note {
  rule: string;
  reason: string;
  advice: string | null;
  correlationId: string | undefined;
}

/** The report as lines: the table, the notes that its rows refer to, what else was noticed, and the verdict. Pure. */
export function renderReport(report: Report): string[] {
  const notes = collectNotes(report.attempts);
  const rows = report.attempts.map((verdict) => toRow(verdict, notes));
  return [
    `${report.url}  path ${report.path}  namespace ${report.namespace}`,
    '',
    ...alignColumns([HEAD, ...rows]),
    ...notes.flatMap((note, at) => ['', ...renderNote(String(at + 1), note)]),
    ...report.findings.flatMap(({ level, rule, reason, advice = null }) => [
      '',
      ...renderNote(level === 'warning' ? '!' : 'i', { rule, reason, advice, correlationId: undefined }),
    ]),
    '',
    report.summary,
  ];
}

function collectNotes(attempts: readonly Verdict[]): Note[] {
  const notes: Note[] = [];
  for (const verdict of attempts) {
    const { rule, reason, advice, correlationId } = verdict;
    if (rule === null || reason === null) continue;
    const known = findNote(verdict, notes);
    if (known === undefined) notes.push({ rule, reason, advice, correlationId });
    else known.advice ??= advice;
  }
  return notes;
}

const findNote = ({ rule, reason }: Verdict, notes: readonly Note[]) =>
  notes.find((note) => note.rule === rule && note.reason === reason);

function toRow(verdict: Verdict, notes: readonly Note[]): string[] {
  const note = findNote(verdict, notes);
  return [
    verdict.transport,
    verdict.origin ?? 'none',
    verdict.token ? 'sent' : 'none',
    toResult(verdict),
    verdict.rule ?? '',
    note === undefined ? '' : String(notes.indexOf(note) + 1),
  ];
}

function toResult({ outcome, code, status, message }: Verdict): string {
  if (outcome === 'passed') return message === undefined ? 'passed' : `passed ${message}`;
  if (outcome === 'skipped') return `skipped: ${message}`;
  const detail = code !== undefined && !/^\d+$/.test(code) ? code : status === undefined ? '' : `HTTP ${status}`;
  return `${outcome} ${detail}`.trimEnd();
}

function renderNote(mark: string, { rule, reason, advice, correlationId }: Note): string[] {
  const indent = ' '.repeat(mark.length + 2);
  return [
    `${mark}  ${rule}: ${reason}`,
    ...(advice === null ? [] : [`${indent}What to change: ${advice}`]),
    ...(correlationId === undefined ? [] : [`${indent}In the server’s log: correlationId ${correlationId}`]),
  ];
}
