import { describe, expect, test } from 'vitest';
import { update } from '../../src/tui/model.ts';
import { queryOf } from '../../src/tui/query.ts';
import { placeOf, selectedRow, type TopState } from '../../src/tui/state.ts';
import { liveState, NOW, newState, play, press, snapshotOf } from './sample.ts';

const selected = (state: TopState) => selectedRow(state)?.key;

describe('keys that come before their rows', () => {
  const answer = (state: TopState, total = 5) => play(state, { type: 'snapshot', snapshot: snapshotOf(state, total) });

  test('wait for the rows of the new view, and then do what they were typed for', () => {
    const [typed] = press(liveState(5), '3', 'j', '<enter>');
    expect(placeOf(typed)).toMatchObject({ view: 'users', cursor: 0 });
    const [state] = answer(typed);
    expect(queryOf(state).within).toEqual({ user: 'bob' });
    expect(state.waiting).toBeUndefined();
  });

  test('wait as well where they come in one piece, and through several views', () => {
    const keys = [...'3jj2jj'].map((text) => ({ text }));
    const [users] = answer(play(liveState(5), { type: 'keys', keys })[0]);
    expect(users.places.users.selected).toBe('王小明');
    const [sockets] = answer(users);
    expect(selected(sockets)).toBe('socket-0002-AAAAAA');
  });

  test('mean no row of a filter, or an order, that has been changed', () => {
    const users = liveState(5, undefined, 'users');
    const [filtered] = press(users, '/', 'dou', '<enter>', 'x');
    expect(filtered.overlay).toBeUndefined();
    expect(filtered.page?.rows).toHaveLength(5);
    const snapshot = { ...snapshotOf(filtered, 1), rows: snapshotOf(filtered, 3).rows.slice(2) };
    const [asked] = play(filtered, { type: 'snapshot', snapshot });
    expect(asked.overlay).toMatchObject({ question: 'Close all connections of 王小明?' });
    expect(press(users, 'O', 'c')[1]).toEqual([]);
    expect(press(users, '/', 'dou', '<enter>', ':', 'copy', '<enter>')[1]).toEqual([]);
  });

  test('wait for a row that is further down than the rows at hand', () => {
    const [typed] = press(liveState(1_000, undefined, 'users'), 'G', '<enter>');
    expect(typed.inner).toEqual([]);
    const far = { ...snapshotOf(typed, 1_000), offset: 990, rows: snapshotOf(typed, 10).rows };
    expect(queryOf(play(typed, { type: 'snapshot', snapshot: far })[0]).within).toEqual({ user: 'user-9' });
  });

  test('answer no question that comes up only then', () => {
    const [asked, effects] = answer(press(liveState(5), '3', 'x', 'y')[0]);
    expect(asked.overlay?.kind).toBe('confirm');
    expect(effects).toEqual([]);
  });

  test('go into a prompt in the order in which they were typed', () => {
    const [state, effects] = answer(press(liveState(5), '3', 'j', 'e', 'news', '<enter>', '/', 'q')[0]);
    expect(effects).toEqual([{ type: 'emit', request: { event: 'news', to: { users: ['bob'] } } }]);
    expect(state.prompt?.text).toBe('q');
  });

  test('do not wait for a server that does not answer, and ctrl-c for none at all', () => {
    const [typed] = press(liveState(5), '3', 'j', '?');
    expect(typed.overlay).toBeUndefined();
    expect(press(typed, '<ctrl-c>')[1]).toMatchObject([{ type: 'quit', interrupted: true }]);
    const [late] = update(typed, { type: 'tick' }, NOW + 2_000);
    expect(late).toMatchObject({ overlay: { kind: 'help' }, waiting: undefined });
    const [lost] = play(typed, { type: 'status', status: { state: 'lost', since: NOW, reason: 'gone' } });
    expect(lost).toMatchObject({ overlay: { kind: 'help' }, waiting: undefined });
  });
});

describe('keys that need no rows', () => {
  const connecting = press(newState(), 'j', '<enter>', 'k')[0];
  const waiting = press(newState(), 'j', 'k')[0];

  test('leave at once, whatever waits', () => {
    expect(press(waiting, 'q')).toMatchObject([
      { waiting: undefined },
      [{ type: 'quit', interrupted: false, stopsServer: false }],
    ]);
    expect(press(connecting, '<ctrl-c>')[1]).toMatchObject([{ type: 'quit', interrupted: true }]);
    const [asked, none] = press(newState(undefined, 'rooms', { isOwnServer: true }), 'j', 'q');
    expect([asked.overlay?.kind, none]).toEqual(['leave', []]);
    expect(press(asked, 'y')[1]).toMatchObject([{ type: 'quit', stopsServer: true }]);
  });

  test.for(['/', ':', '<enter>', '?', 'e', 'x'])('leave nothing where they come after %s', (key) => {
    expect(press(waiting, key, 'q')[1]).toEqual([]);
  });

  test('that is pasted leaves nothing', () => {
    expect(play(waiting, { type: 'keys', keys: [{ text: 'q', isPasted: true }] })[1]).toEqual([]);
  });

  test('clean the screen and stop the job once, and those that wait go on waiting', () => {
    const [state, effects] = press(connecting, '<ctrl-l>', '<ctrl-z>');
    expect(effects).toEqual([{ type: 'redraw' }, { type: 'suspend' }]);
    expect(state.waiting?.keys).toEqual(connecting.waiting?.keys);
    expect(update(state, { type: 'tick' }, NOW + 2_000)[1]).toEqual([]);
  });

  test('are not held up by a server that cannot be reached: after a while nothing is', () => {
    const [late] = update(press(newState(), 'j', '?')[0], { type: 'tick' }, NOW + 2_000);
    expect(late).toMatchObject({ overlay: { kind: 'help' }, waiting: undefined });
  });
});
