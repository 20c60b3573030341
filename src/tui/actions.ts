import { type AnyRow, SORTS, type ViewName } from '../contract/snapshot.ts';
import { sortNamed } from './columns.ts';
import { safe } from './format.ts';
import { changePlace, createPlace, placeOf, type Step, say, selectedRow, step, TOP, type TopState } from './state.ts';

/** Another view, as it was left. */
export function goTo(state: TopState, view: ViewName): TopState {
  const isThere = state.view === view && state.inner.length === 0;
  return { ...state, view, inner: [], page: isThere ? state.page : undefined, overlay: undefined };
}

/** Into the selected row: the sockets of a room or user, or everything about it. */
export function open(state: TopState): TopState {
  const row = selectedRow(state);
  if (row === undefined) return state;
  const { view } = placeOf(state);
  if (view === 'rooms' || view === 'users') {
    const within = view === 'rooms' ? { room: (row as { room: string }).room } : { user: row.key };
    return { ...state, inner: [...state.inner, createPlace('sockets', within)], page: undefined };
  }
  return { ...state, overlay: { kind: 'detail', view, row, top: 0 }, socket: undefined };
}

/** One step out: of what was opened, then of the filter. */
export function back(state: TopState): TopState {
  if (state.inner.length > 0) return { ...state, inner: state.inner.slice(0, -1), page: undefined };
  if (placeOf(state).filter !== '') return changePlace(state, { filter: '', ...TOP });
  return state;
}

export function setSort(state: TopState, sort: string): TopState {
  const { view } = placeOf(state);
  const meant = sortNamed(view, sort);
  if (meant !== undefined) return changePlace(state, { sort: meant, isReversed: false, ...TOP });
  return say(state, `${view} can be sorted by ${SORTS[view].join(', ')}`, 'bad');
}

export function nextSort(state: TopState): TopState {
  const { view, sort } = placeOf(state);
  const sorts: readonly string[] = SORTS[view];
  return setSort(state, sorts[(sorts.indexOf(sort) + 1) % sorts.length] ?? '');
}

export function setPaused(state: TopState, isPaused: boolean): TopState {
  if (!isPaused) return { ...state, paused: undefined };
  const { figures } = state;
  if (figures === undefined || state.paused !== undefined) return state;
  return { ...state, paused: { at: state.now, events: figures.received + figures.emitted, missed: 0 } };
}

export function togglePayloads(state: TopState): TopState {
  const hasPayloads = !state.hasPayloads;
  return say({ ...state, hasPayloads }, hasPayloads ? 'payloads are shown from now on' : 'payloads are hidden');
}

/** Asks before it closes connections. */
export function kick(state: TopState, whom: { userId: string } | { socketId: string }): TopState {
  if (state.options.isReadOnly) return say(state, 'read-only: nobody is kicked', 'warn');
  const question =
    'userId' in whom ? `Close all connections of ${safe(whom.userId)}?` : `Close the socket ${safe(whom.socketId)}?`;
  return { ...state, overlay: { kind: 'confirm', question, effect: { type: 'kick', whom }, done: 'closing …' } };
}

export function kickSelected(state: TopState): TopState {
  const row = selectedRow(state);
  const { view } = placeOf(state);
  if (row === undefined) return state;
  if (view === 'sockets') return kick(state, { socketId: row.key });
  if (view === 'users') return kick(state, { userId: row.key });
  return say(state, 'select a socket or a user to kick', 'warn');
}

/** How `:emit` names the selected row. */
export function targetOf(state: TopState): string {
  const row = selectedRow(state);
  if (row === undefined) return '';
  const name = { rooms: `room:${row.key}`, sockets: `socket:${row.key}`, users: `user:${row.key}` };
  const { view } = placeOf(state);
  const target = view === 'rooms' || view === 'sockets' || view === 'users' ? name[view] : '';
  return /[\s"]/.test(target) ? JSON.stringify(target) : target;
}

export function copySelected(state: TopState): Step {
  const row = state.overlay?.kind === 'detail' ? state.overlay.row : selectedRow(state);
  if (row === undefined) return step(state);
  const text = idOf(row);
  return step(say(state, `copied ${safe(text)}`, 'good'), { type: 'copy', text });
}

function idOf(row: AnyRow): string {
  if ('correlationId' in row) return row.correlationId;
  return 'payload' in row && row.payload !== undefined ? row.payload : 'event' in row ? row.event : row.key;
}

/** Ends the dashboard; where the server is its own, asks what becomes of that. */
export function leave(state: TopState): Step {
  if (state.options.isOwnServer) return step({ ...state, overlay: { kind: 'leave' } });
  return step(state, { type: 'quit', interrupted: false, stopsServer: false });
}
