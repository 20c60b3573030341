import type { WatchStatus } from '../client/watch.ts';
import type { EmitRequest } from '../contract/emission.ts';
import {
  type AnyRow,
  type Snapshot,
  type SnapshotFigures,
  SORTS,
  type ViewName,
  type Welcome,
} from '../contract/snapshot.ts';
import type { Key } from './keys.ts';
import type { Tone } from './spans.ts';

/** What does not change while the dashboard is open. */
export interface TopOptions {
  url: string;
  isReadOnly: boolean;
  intervalMs: number;
  /** The server runs in this process, with its log at hand: leaving asks what becomes of it. */
  isOwnServer: boolean;
}

export interface ScreenSize {
  columns: number;
  rows: number;
}

/** A table that one can be at, and where in it. */
export interface Place {
  view: ViewName;
  within: { room: string } | { user: string } | undefined;
  filter: string;
  sort: string;
  isReversed: boolean;
  /** Index of the selected row among all that match, and its key: rows change places. */
  cursor: number;
  selected: string | undefined;
  /** Index of the first row on the screen. */
  top: number;
}

/** The rows at hand: those on the screen, and some before and after. */
export interface Page {
  /** What `tableOf` said when they were asked for. */
  table: string;
  query: number;
  offset: number;
  rows: readonly AnyRow[];
  matching: number;
  all: number;
  /** So many can be gone to. */
  reach: number;
}

export interface Prompt {
  kind: 'filter' | 'command';
  text: string;
  /** The filter to go back to. */
  before: string;
  /** What Tab goes through, and which of it stands in the text. */
  completion: { stem: string; words: readonly string[]; at: number } | undefined;
}

export type Overlay =
  | { kind: 'help'; top: number }
  | { kind: 'detail'; view: ViewName; row: AnyRow; top: number }
  | { kind: 'confirm'; question: string; effect: Effect; done: string }
  | { kind: 'leave' };

export interface TopState {
  options: TopOptions;
  size: ScreenSize;
  view: ViewName;
  /** Where each view was left. */
  places: Readonly<Record<ViewName, Place>>;
  /** Opened from a row of a view: the sockets of a room, of a user. */
  inner: readonly Place[];
  status: WatchStatus;
  welcome: Welcome | undefined;
  figures: SnapshotFigures | undefined;
  /** The server's clock at the picture, and at the last snapshot: they part while the picture stands. */
  at: number;
  lastAt: number | undefined;
  /** When the server said that it would send the next one after that. */
  nextMs: number;
  page: Page | undefined;
  socket: Snapshot['socket'];
  cluster: Snapshot['cluster'];
  /** Nodes that were there a while ago, and since when they are not. One that was draining has left as it should. */
  gone: readonly { node: string; at: number }[];
  queryId: number;
  /** Rates a second, oldest first. */
  received: readonly number[];
  delivered: readonly number[];
  cpuShare: number;
  paused: { at: number; events: number; missed: number } | undefined;
  hasPayloads: boolean;
  overlay: Overlay | undefined;
  prompt: Prompt | undefined;
  /** Typed since when, and not yet done: the first is about rows that are on their way. */
  waiting: { keys: readonly Key[]; since: number } | undefined;
  notice: { text: string; tone: Tone; at: number } | undefined;
  log: readonly string[];
  isLogShown: boolean;
  now: number;
}

/** What the dashboard asks of the world. */
export type Effect =
  | { type: 'kick'; whom: { socketId: string } | { userId: string } }
  | { type: 'emit'; request: EmitRequest }
  | { type: 'copy'; text: string }
  | { type: 'redraw' }
  | { type: 'suspend' }
  | { type: 'quit'; interrupted: boolean; stopsServer: boolean };

export type Step = readonly [TopState, readonly Effect[]];

export const step = (state: TopState, ...effects: Effect[]): Step => [state, effects];

export function createPlace(view: ViewName, within?: Place['within']): Place {
  return { view, within, filter: '', sort: SORTS[view][0], isReversed: false, cursor: 0, selected: undefined, top: 0 };
}

export function createState(
  options: TopOptions,
  size: ScreenSize,
  { view, filter, sort, now }: { view: ViewName; filter: string; sort: string | undefined; now: number },
): TopState {
  const places = {
    rooms: createPlace('rooms'),
    sockets: createPlace('sockets'),
    users: createPlace('users'),
    events: createPlace('events'),
    refusals: createPlace('refusals'),
  };
  return {
    options,
    size,
    view,
    places: { ...places, [view]: { ...places[view], filter, ...(sort !== undefined && { sort }) } },
    inner: [],
    status: { state: 'connecting' },
    welcome: undefined,
    figures: undefined,
    at: now,
    lastAt: undefined,
    nextMs: 0,
    page: undefined,
    socket: undefined,
    cluster: undefined,
    gone: [],
    queryId: 1,
    received: [],
    delivered: [],
    cpuShare: 0,
    paused: undefined,
    hasPayloads: false,
    overlay: undefined,
    prompt: undefined,
    waiting: undefined,
    notice: undefined,
    log: [],
    isLogShown: false,
    now,
  };
}

/** Where a table begins anew: other rows, or another order. */
export const TOP = { cursor: 0, top: 0, selected: undefined } as const;

/** The table on the screen. */
export function placeOf(state: TopState): Place {
  return state.inner.at(-1) ?? state.places[state.view];
}

export function changePlace(state: TopState, change: Partial<Place>): TopState {
  const place = { ...placeOf(state), ...change };
  if (state.inner.length > 0) return { ...state, inner: [...state.inner.slice(0, -1), place] };
  return { ...state, places: { ...state.places, [state.view]: place } };
}

/** Which rows a table has, and in which order. */
export function tableOf(state: TopState): string {
  const { view, within, filter, sort, isReversed } = placeOf(state);
  return JSON.stringify([view, within, filter, sort, isReversed]);
}

/** The rows of the table that was asked for last. Until they come, those of the one before may stand on the screen. */
export function pageAtHand(state: TopState): Page | undefined {
  return state.page?.table === tableOf(state) ? state.page : undefined;
}

/** The row under the cursor, if it is at hand. */
export function selectedRow(state: TopState): AnyRow | undefined {
  const page = pageAtHand(state);
  return page?.rows[placeOf(state).cursor - page.offset];
}

export function say(state: TopState, text: string, tone: Tone = 'plain'): TopState {
  return { ...state, notice: { text, tone, at: state.now } };
}
