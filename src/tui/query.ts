import { ROWS_MAX, type WatchQuery } from '../contract/snapshot.ts';
import { layOut } from './layout.ts';
import { placeOf, type TopState } from './state.ts';

/** What the server must be asked for, so that the screen can be filled and scrolled by a page either way. */
export function queryOf(state: TopState): WatchQuery {
  const { view, within, filter, sort, isReversed, top } = placeOf(state);
  const { rows } = layOut(state);
  const size = Math.min(ROWS_MAX, rows * 4);
  // In whole pages, so that not every key press is another question; in shorter steps where the rows would not reach the bottom.
  const stride = Math.max(1, Math.min(rows, Math.floor((size - rows) / 2)));
  const offset = Math.max(0, Math.floor(top / stride) * stride - stride);
  const { overlay } = state;
  return {
    view,
    filter,
    sort,
    reverse: isReversed,
    ...(within !== undefined && { within }),
    offset,
    size,
    payloads: state.hasPayloads,
    ...(overlay?.kind === 'detail' && overlay.view === 'sockets' && { socket: overlay.row.key }),
    intervalMs: state.options.intervalMs,
  };
}
