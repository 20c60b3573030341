import {
  INTERVAL_DEFAULT_MS,
  INTERVAL_MAX_MS,
  INTERVAL_MIN_MS,
  ROWS_MAX,
  SORTS,
  VIEWS,
  type ViewName,
} from '../contract/snapshot.ts';

/** A `WatchQuery`, complete and within its bounds. */
export interface ResolvedQuery {
  id: number;
  view: ViewName;
  filter: string;
  sort: string;
  reverse: boolean;
  within: { room: string } | { user: string } | undefined;
  offset: number;
  size: number;
  payloads: boolean;
  socket: string | undefined;
  intervalMs: number;
}

/** Makes a query of whatever a viewer sent: what is missing or makes no sense becomes the default. */
export function resolveQuery(sent: unknown): ResolvedQuery {
  const query = typeof sent === 'object' && sent !== null ? (sent as Record<string, unknown>) : {};
  const view = VIEWS.find((name) => name === query['view']) ?? 'rooms';
  const sorts: readonly string[] = SORTS[view];
  return {
    id: integer(query['id'], 0, 0, Number.MAX_SAFE_INTEGER),
    view,
    filter: text(query['filter']) ?? '',
    sort: sorts.find((name) => name === query['sort']) ?? sorts[0] ?? '',
    reverse: query['reverse'] === true,
    within: view === 'sockets' ? resolveWithin(query['within']) : undefined,
    offset: integer(query['offset'], 0, 0, Number.MAX_SAFE_INTEGER),
    size: integer(query['size'], 50, 0, ROWS_MAX),
    payloads: query['payloads'] === true,
    socket: text(query['socket']),
    intervalMs: integer(query['intervalMs'], INTERVAL_DEFAULT_MS, INTERVAL_MIN_MS, INTERVAL_MAX_MS),
  };
}

/** Personal rooms are what the view of users is for: that of rooms has them only when they are asked for. */
export function isAboutUsers({ view, filter }: Pick<ResolvedQuery, 'view' | 'filter'>): boolean {
  return view === 'users' || (view === 'rooms' && /\buser:/i.test(filter));
}

function resolveWithin(sent: unknown): ResolvedQuery['within'] {
  const { room, user } = typeof sent === 'object' && sent !== null ? (sent as { room?: unknown; user?: unknown }) : {};
  if (typeof room === 'string') return { room };
  return typeof user === 'string' ? { user } : undefined;
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

function integer(value: unknown, otherwise: number, least: number, most: number): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.min(most, Math.max(least, Math.trunc(value)))
    : otherwise;
}
