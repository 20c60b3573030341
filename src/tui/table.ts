import type { StatLimits } from '../contract/stats.ts';
import { pad, truncateStart } from './format.ts';
import { type LineOfSpans, type Span, span } from './spans.ts';

/** What a cell may need beside its row. */
export interface CellContext {
  /** The server's clock. */
  now: number;
  limits: StatLimits | undefined;
}

export interface Column<Row> {
  title: string;
  /** Columns of the screen; `share` of what is left over goes on top of it, up to `most`. */
  width: number;
  share?: number;
  most?: number;
  align?: 'left' | 'right';
  /** Its texts are told apart by how they end: what there is no room for goes from their beginning. */
  keepsEnd?: true;
  /** Which sort of the view this column shows. */
  sort?: string;
  /** It shows how long ago something was, whose sort puts the latest first. */
  isSince?: true;
  /** The higher, the sooner it goes when the screen is narrow, of equal ones the last; 0 stays. */
  rank: number;
  cell(row: Row, context: CellContext): Span;
}

export interface PlacedColumn<Row> {
  column: Column<Row>;
  width: number;
}

/** Marks the selected row where colours do not, then a blank. */
const MARK = '› ';
const GAP = '  ';

/** Which columns there is room for, and how wide each is. */
export function placeColumns<Row>(columns: readonly Column<Row>[], width: number): PlacedColumn<Row>[] {
  let kept = [...columns];
  const room = width - MARK.length;
  const used = () => kept.reduce((sum, each) => sum + each.width, 0) + GAP.length * (kept.length - 1);
  while (used() > room && kept.some(({ rank }) => rank > 0)) {
    const rank = Math.max(...kept.map((each) => each.rank));
    const last = kept.findLastIndex((each) => each.rank === rank);
    kept = kept.filter((_, at) => at !== last);
  }
  const placed = kept.map((column) => ({ column, width: column.width }));
  let left = room - used();
  // Handed out one by one, since a column that is full leaves more to the others.
  while (left > 0) {
    const open = placed.filter(
      ({ column, width: now }) => column.share && now < (column.most ?? Number.MAX_SAFE_INTEGER),
    );
    if (open.length === 0) break;
    open.sort(
      (a, b) => (a.width - a.column.width) / (a.column.share ?? 1) - (b.width - b.column.width) / (b.column.share ?? 1),
    );
    const [neediest] = open;
    if (neediest === undefined) break;
    neediest.width++;
    left--;
  }
  for (const each of placed) if (left < 0 && each.column.share) each.width = Math.max(4, each.width + left);
  return placed;
}

/** The titles; the one that rows are sorted by has an arrow. */
export function renderHead<Row>(placed: readonly PlacedColumn<Row>[], sort: string, isReversed: boolean): LineOfSpans {
  const cells = placed.map(({ column, width }) => {
    const isSorted = column.sort === sort;
    const title = isSorted ? `${column.title}${isReversed === (column.isSince ?? false) ? '▾' : '▴'}` : column.title;
    return span(pad(title, width, column.align), isSorted ? 'strong' : 'dim');
  });
  return joinCells(span(' '.repeat(MARK.length)), cells);
}

export function renderRow<Row>(
  placed: readonly PlacedColumn<Row>[],
  row: Row,
  context: CellContext,
  isSelected: boolean,
): LineOfSpans {
  const cells = placed.map(({ column, width }) => {
    const { text, tone } = column.cell(row, context);
    return span(pad(column.keepsEnd ? truncateStart(text, width) : text, width, column.align), tone);
  });
  return joinCells(span(isSelected ? MARK : ' '.repeat(MARK.length)), cells);
}

function joinCells(mark: Span, cells: readonly Span[]): LineOfSpans {
  return [mark, ...cells.flatMap((cell, at) => (at === 0 ? [cell] : [span(GAP), cell]))];
}
