import { placeOf, type TopState } from './state.ts';

/** How the lines of the screen are given out. */
export interface Layout {
  header: number;
  /** Rows of the table, its head not counted. */
  rows: number;
  /** Lines under a table that explain the selected row. */
  explanation: number;
  log: number;
}

const LOW = 20;
const WIDE = 110;

/** Tabs, the head of the table, and the footer take a line each. */
const FIXED = 3;

export function layOut(state: TopState): Layout {
  const { size, isLogShown } = state;
  const header = headerLines(state);
  const explanation = placeOf(state).view === 'refusals' ? (size.columns < WIDE ? 2 : 1) : 0;
  const log = isLogShown ? Math.max(3, Math.floor(size.rows / 3)) : 0;
  return { header, explanation, log, rows: Math.max(1, size.rows - header - FIXED - explanation - log) };
}

/** Lines between the tabs and the footer, the log left out. */
export function mainHeight(state: TopState): number {
  const { rows, explanation } = layOut(state);
  return 1 + rows + explanation;
}

/** The nodes of a cluster take a line, where there is room for it. */
export function headerLines({ size, cluster }: Pick<TopState, 'size' | 'cluster'>): number {
  if (size.rows < LOW) return 2;
  return cluster === undefined ? 3 : 4;
}
