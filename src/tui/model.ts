import type { WatchStatus } from '../client/watch.ts';
import type { Snapshot, Welcome } from '../contract/snapshot.ts';
import type { Key } from './keys.ts';
import { isAhead, isLeaving, onListKey } from './list-keys.ts';
import { followSelection, onSnapshot } from './on-snapshot.ts';
import { onOverlayKey } from './overlay-keys.ts';
import { onPromptKey } from './prompt.ts';
import { queryOf } from './query.ts';
import type { Tone } from './spans.ts';
import { type Effect, type ScreenSize, type Step, say, step, type TopState } from './state.ts';

/** What happens to the dashboard. */
export type TopEvent =
  /** Those that were read in one piece. */
  | { type: 'keys'; keys: readonly Key[] }
  | { type: 'snapshot'; snapshot: Snapshot }
  | { type: 'welcome'; welcome: Welcome }
  | { type: 'status'; status: WatchStatus }
  | { type: 'resize'; size: ScreenSize }
  | { type: 'notice'; text: string; tone: Tone }
  | { type: 'log'; lines: readonly string[] }
  | { type: 'tick' };

const NOTICE_MS = 6_000;
const LOG_LINES = 500;
/** A server that takes longer to answer is not waited for: the keys do what they can. */
const WAIT_MS = 1_000;
const WAITING_MAX = 1_000;

/** The state after an event, and what is to be done. Pure: the time comes in. */
export function update(before: TopState, event: TopEvent, now: number): Step {
  const isOver = before.notice !== undefined && (event.type === 'keys' || now - before.notice.at > NOTICE_MS);
  const [reacted, done] = react({ ...before, now, ...(isOver && { notice: undefined }) }, event);
  const [state, more] = reacted.waiting === undefined ? step(reacted) : onKeys(reacted, []);
  const effects = [...done, ...more];
  const isAsking = JSON.stringify(queryOf(before)) !== JSON.stringify(queryOf(state));
  return [isAsking ? { ...state, queryId: state.queryId + 1 } : state, effects];
}

function react(state: TopState, event: TopEvent): Step {
  switch (event.type) {
    case 'keys':
      return onKeys(state, event.keys);
    case 'snapshot':
      return step(onSnapshot(state, event.snapshot));
    case 'welcome':
      // Maybe another server, whose counts begin anew.
      return step({ ...state, welcome: event.welcome, lastAt: undefined });
    case 'status':
      return step({ ...state, status: event.status });
    case 'resize':
      return step(followSelection({ ...state, size: event.size }));
    case 'notice':
      return step(say(state, event.text, event.tone));
    case 'log':
      return step({ ...state, log: [...state.log, ...event.lines].slice(-LOG_LINES) });
    case 'tick':
      return step(state);
  }
}

function onKeys(before: TopState, keys: readonly Key[]): Step {
  const { waiting } = before;
  let [state, effects] = step({ ...before, waiting: undefined });
  const all = [...(waiting?.keys ?? []), ...keys.flatMap(inPieces)];
  for (const [at, key] of all.entries()) {
    if (mustWait(state, key, waiting)) {
      const [after, more] = keep(state, all.slice(at), at === 0 && waiting ? waiting.since : state.now);
      return [after, [...effects, ...more]];
    }
    const [after, more] = onKey(state, key);
    // What came together with a question is no answer to it: it was typed, or pasted, before anybody could read it.
    const isAsked = isQuestion(after) && !isQuestion(state);
    [state, effects] = [after, [...effects, ...more]];
    if (isAsked) break;
  }
  return [state, effects];
}

/** Keeps keys until the rows of the first one have come. Nobody needs rows to leave, or to have the screen cleaned. */
function keep(before: TopState, keys: readonly Key[], since: number): Step {
  let [state, effects] = step(before);
  const kept: Key[] = [];
  for (const key of keys) {
    const isLast = key.name === 'ctrl-c' || isLeaving(key, kept);
    if (isLast || key.name === 'ctrl-l' || key.name === 'ctrl-z') {
      const [after, more] = onKey(state, key);
      [state, effects] = [after, [...effects, ...more]];
    } else kept.push(key);
    if (isLast) return [state, effects];
  }
  return [{ ...state, waiting: { keys: kept.slice(0, WAITING_MAX), since } }, effects];
}

/** Text that is typed faster than it is read is a key for each character: any of them may open or close a prompt. */
function inPieces(key: Key): Key | Key[] {
  if (key.text === undefined || key.isPasted) return key;
  return [...key.text].map((text): Key => ({ text }));
}

function mustWait(state: TopState, key: Key, waiting: TopState['waiting']): boolean {
  if (state.prompt !== undefined || state.overlay !== undefined || !isAhead(state, key)) return false;
  const isLate = waiting !== undefined && state.now - waiting.since > WAIT_MS;
  return !isLate && (state.status.state === 'connecting' || state.status.state === 'live');
}

const INTERRUPT: Effect = { type: 'quit', interrupted: true, stopsServer: true };

const isQuestion = ({ overlay }: TopState) => overlay?.kind === 'confirm' || overlay?.kind === 'leave';

function onKey(state: TopState, key: Key): Step {
  const { prompt, overlay } = state;
  if (key.name === 'ctrl-l') return step(state, { type: 'redraw' });
  if (key.name === 'ctrl-z') return suspend(state);
  if (prompt !== undefined) return onPromptKey(state, prompt, key);
  // What somebody has on the clipboard is no row of commands.
  if (key.isPasted) return step(say(state, 'text can be pasted after / and :', 'warn'));
  if (key.name === 'ctrl-c') return step(state, INTERRUPT);
  return overlay === undefined ? onListKey(state, key) : onOverlayKey(state, overlay, key);
}

function suspend(state: TopState): Step {
  if (state.options.isOwnServer) return step(say(state, 'ctrl-z would stop the server as well', 'warn'));
  return step(state, { type: 'suspend' });
}
