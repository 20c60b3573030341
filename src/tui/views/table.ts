import { filterProblem } from '../../contract/filter.ts';
import type { AnyRow, ViewName } from '../../contract/snapshot.ts';
import { columnsOf } from '../columns.ts';
import { explainRefusal } from '../explain-refusal.ts';
import { pad, safe } from '../format.ts';
import { layOut } from '../layout.ts';
import { cutLine, fillDown, type LineOfSpans, span, type Tone, widthOfLine } from '../spans.ts';
import { placeOf, type TopState } from '../state.ts';
import { placeColumns, renderHead, renderRow } from '../table.ts';
import { wrap } from '../wrap.ts';

/** The rows of a view, as many as there is room for. */
export function renderTable(state: TopState): LineOfSpans[] {
  const { columns } = state.size;
  const { view, sort, isReversed, cursor, top } = placeOf(state);
  const { rows: height, explanation } = layOut(state);
  const placed = placeColumns(columnsOf(view, { ...state, isClustered: state.cluster !== undefined }), columns);
  const context = { now: state.at, limits: state.welcome?.limits };
  const { page } = state;
  const rows = page?.rows.slice(Math.max(0, top - page.offset), top - page.offset + height) ?? [];
  const lines = rows.map((row, at): LineOfSpans => {
    const isSelected = top + at === cursor;
    const spans = cutLine(renderRow(placed, row, context, isSelected), columns);
    if (!isSelected) return spans;
    // Still cell by cell: where a terminal takes a sign for wider than it is here, the cells after it keep their places.
    const cells = spans.map(({ text }) => span(text, 'selected'));
    return [...cells, span(pad('', columns - widthOfLine(spans)), 'selected')];
  });
  if (lines.length === 0) lines.push(...whyEmpty(state).map((line) => cutLine(line, columns)));
  return [
    cutLine(renderHead(placed, sort, isReversed), columns),
    ...fillDown(lines, height),
    ...explain(state, rows[cursor - top], explanation),
  ];
}

/** What the selected refusal means, under the table. */
function explain(state: TopState, row: AnyRow | undefined, height: number): LineOfSpans[] {
  if (height === 0 || row === undefined || !('correlationId' in row && 'kind' in row)) return [];
  return wrap(`why: ${safe(explainRefusal(row, state.welcome?.limits))}`, state.size.columns)
    .slice(0, height)
    .map((line) => [span(line)]);
}

const EMPTY: Readonly<Record<ViewName, string>> = {
  rooms: 'No rooms yet. Join one: rtserver join protocol:7 --user 42',
  sockets: 'No sockets are connected. Connect one: rtserver join protocol:7 --user 42',
  users: 'No users are connected. Connect one: rtserver join protocol:7 --user 42',
  events: 'No events since you began to watch. Send one: rtserver emit --all --event hello',
  refusals: 'Nobody was refused, and the server closed no connection.',
};

function whyEmpty(state: TopState): LineOfSpans[] {
  const { view, filter, within } = placeOf(state);
  const say = (text: string, tone: Tone = 'dim') =>
    wrap(text, Math.max(8, state.size.columns - 2)).map((line) => [span(`  ${line}`, tone)]);
  if (state.page === undefined) return say('…');
  if (filter === '') return say(within === undefined ? EMPTY[view] : 'Nobody is here any more. esc goes back.');
  const problem = filterProblem(view, filter);
  if (problem === undefined) return say(`Nothing passes the filter ${safe(filter)}. esc clears it.`);
  return [...say(safe(problem), 'warn'), ...say('esc clears the filter.')];
}
