import { Box } from 'ink';
import type { ViewName } from '../../contract/snapshot.ts';
import { columnsOf } from '../columns.ts';
import { explainRefusal } from '../explain-refusal.ts';
import { safe } from '../format.ts';
import { layOut } from '../layout.ts';
import { Line } from '../line.tsx';
import { cutLine, fillLine, type LineOfSpans, span } from '../spans.ts';
import { placeOf, selectedRow, type TopState } from '../state.ts';
import { placeColumns, renderHead, renderRow } from '../table.ts';
import { wrap } from '../wrap.ts';

/** The rows of a view, as many as there is room for. */
export function Table({ state }: { state: TopState }) {
  const { columns } = state.size;
  const { view, sort, isReversed, cursor, top } = placeOf(state);
  const { rows: height, explanation } = layOut(state);
  const placed = placeColumns(columnsOf(view, state.hasPayloads), columns);
  const context = { now: state.at, limits: state.welcome?.limits };
  const { page } = state;
  const rows = page?.rows.slice(Math.max(0, top - page.offset), top - page.offset + height) ?? [];
  return (
    <Box flexDirection="column" height={1 + height + explanation}>
      <Line spans={cutLine(renderHead(placed, sort, isReversed), columns)} />
      {rows.map((row, at) => {
        const isSelected = top + at === cursor;
        const spans = renderRow(placed, row, context, isSelected);
        return <Line key={row.key} spans={isSelected ? fillLine(spans, columns) : spans} isSelected={isSelected} />;
      })}
      {rows.length === 0 && <Line spans={cutLine(whyEmpty(state), columns)} />}
      {explanation > 0 && <Explanation state={state} gap={height - Math.max(1, rows.length)} height={explanation} />}
    </Box>
  );
}

/** What the selected refusal means, under the table. */
function Explanation({ state, gap, height }: { state: TopState; gap: number; height: number }) {
  const row = selectedRow(state);
  if (row === undefined || !('correlationId' in row)) return null;
  const { columns } = state.size;
  const lines = wrap(`why: ${safe(explainRefusal(row, state.welcome?.limits))}`, columns).slice(0, height);
  return (
    <Box marginTop={Math.max(0, gap)} flexDirection="column">
      {lines.map((line) => (
        <Line key={line} spans={[span(line)]} />
      ))}
    </Box>
  );
}

const EMPTY: Readonly<Record<ViewName, string>> = {
  rooms: 'No rooms yet. Join one: rtserver join protocol:7 --user 42',
  sockets: 'No sockets are connected. Connect one: rtserver join protocol:7 --user 42',
  users: 'No users are connected. Connect one: rtserver join protocol:7 --user 42',
  events: 'No events since you began to watch. Send one: rtserver emit --all --event hello',
  refusals: 'Nobody was refused, and the server closed no connection.',
};

function whyEmpty(state: TopState): LineOfSpans {
  const { view, filter, within } = placeOf(state);
  if (state.page === undefined) return [span('  …', 'dim')];
  if (filter !== '') return [span(`  Nothing passes the filter ${safe(filter)}. esc clears it.`, 'dim')];
  return [span(`  ${within === undefined ? EMPTY[view] : 'Nobody is here any more. esc goes back.'}`, 'dim')];
}
