import { VIEWS } from '../contract/snapshot.ts';
import {
  back,
  copySelected,
  goTo,
  kickSelected,
  leave,
  nextSort,
  open,
  setPaused,
  targetOf,
  togglePayloads,
} from './actions.ts';
import type { Key, KeyName } from './keys.ts';
import { layOut } from './layout.ts';
import { moveTo } from './on-snapshot.ts';
import { openCommand, openFilter } from './prompt.ts';
import { changePlace, pageAtHand, placeOf, type Step, say, selectedRow, step, TOP, type TopState } from './state.ts';

type Act = (state: TopState) => TopState | Step;

const by =
  (rows: (page: number) => number): Act =>
  (state) =>
    moveTo(state, placeOf(state).cursor + rows(layOut(state).rows - 1));

const down = by(() => 1);
const up = by(() => -1);
const pageDown = by((page) => page);
const pageUp = by((page) => -page);
const halfDown = by((page) => Math.ceil(page / 2));
const halfUp = by((page) => -Math.ceil(page / 2));
const first: Act = (state) => moveTo(state, 0);
const last: Act = (state) => moveTo(state, Number.MAX_SAFE_INTEGER);
const turn =
  (by: 1 | -1): Act =>
  (state) =>
    goTo(state, VIEWS[(VIEWS.indexOf(state.view) + by + VIEWS.length) % VIEWS.length] ?? 'rooms');

const NAMED: Partial<Record<KeyName, Act>> = {
  ...{ up, down, pageup: pageUp, pagedown: pageDown, home: first, end: last, enter: open, right: open },
  ...{ esc: back, left: back, tab: turn(1), 'shift-tab': turn(-1), 'ctrl-f': pageDown, 'ctrl-b': pageUp },
  ...{ 'ctrl-d': halfDown, 'ctrl-u': halfUp },
};

const command: Act = (state) => openCommand(state);
const help: Act = (state) => ({ ...state, overlay: { kind: 'help', top: 0 } });

const TYPED: Readonly<Record<string, Act>> = {
  ...Object.fromEntries(VIEWS.map((view, at): [string, Act] => [String(at + 1), (state) => goTo(state, view)])),
  ...{ j: down, k: up, g: first, G: last, '/': openFilter, ':': command, o: nextSort },
  ...{ p: togglePayloads, x: kickSelected, c: copySelected, q: leave, ' ': togglePause, e: emit, l: toggleLog },
  O: (state) => changePlace(state, { isReversed: !placeOf(state).isReversed, ...TOP }),
  '?': help,
};

function togglePause(state: TopState): TopState {
  return setPaused(state, state.paused === undefined);
}

function emit(state: TopState): TopState {
  if (state.options.isReadOnly) return say(state, 'read-only: nothing is sent', 'warn');
  const target = targetOf(state);
  return openCommand(state, target === '' ? 'emit ' : `emit ${target} `);
}

function toggleLog(state: TopState): TopState {
  if (!state.options.isOwnServer) return say(state, 'the log is where the server was started', 'warn');
  return { ...state, isLogShown: !state.isLogShown };
}

const MOVES: ReadonlySet<Act> = new Set([down, up, pageDown, pageUp, halfDown, halfUp, first, last]);
const ABOUT_A_ROW: ReadonlySet<Act> = new Set([open, kickSelected, copySelected, emit]);

/** After these, a key is text, or an answer. */
const OPENING: ReadonlySet<Act | undefined> = new Set([open, kickSelected, emit, openFilter, command, help]);

const actOf = (key: Key) => (key.name === undefined ? TYPED[key.text] : NAMED[key.name]);

/** Is the key about rows that the server has yet to send? Whoever types fast means those, not the ones still to be seen. */
export function isAhead(state: TopState, key: Key): boolean {
  const act = actOf(key);
  if (act === undefined) return false;
  const page = pageAtHand(state);
  if (page === undefined) return MOVES.has(act) || ABOUT_A_ROW.has(act);
  return ABOUT_A_ROW.has(act) && selectedRow(state) === undefined && placeOf(state).cursor < page.reach;
}

/** Does the key leave the dashboard, whatever comes of those before it? */
export function isLeaving(key: Key, before: readonly Key[]): boolean {
  return actOf(key) === leave && !key.isPasted && !before.some((each) => OPENING.has(actOf(each)));
}

/** A key while a table has the floor. */
export function onListKey(state: TopState, key: Key): Step {
  const result = actOf(key)?.(state) ?? state;
  return Array.isArray(result) ? (result as unknown as Step) : step(result as TopState);
}
