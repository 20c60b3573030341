import { describe, expect, test } from 'vitest';
import { layOut, mainHeight } from '../../src/tui/layout.ts';
import { queryOf } from '../../src/tui/query.ts';
import { textOf } from '../../src/tui/spans.ts';
import { placeOf, selectedRow, type TopState } from '../../src/tui/state.ts';
import { renderHelp } from '../../src/tui/views/help.ts';
import { renderScreen } from '../../src/tui/views/screen.ts';
import { liveState, NOW, newState, play, press, snapshotOf, WELCOME } from './sample.ts';

const selected = (state: TopState) => selectedRow(state)?.key;

describe('moving', () => {
  test('goes down and up, and stops at both ends', () => {
    const state = liveState(3);
    expect(selected(press(state, 'j', '<down>')[0])).toBe('protocol:2');
    expect(selected(press(state, 'j', 'j', 'j', 'j')[0])).toBe('protocol:2');
    expect(selected(press(state, 'j', 'k', 'k')[0])).toBe('protocol:0');
    expect(selected(press(state, 'G')[0])).toBe('protocol:2');
    expect(selected(press(state, 'G', 'g')[0])).toBe('protocol:0');
  });

  test('goes by pages, and scrolls so that the row is on the screen', () => {
    const state = liveState(100);
    const { rows } = layOut(state);
    const [down] = press(state, '<pagedown>', '<pagedown>');
    const place = placeOf(down);
    expect(place.cursor).toBe(2 * (rows - 1));
    expect(place.cursor - place.top).toBeLessThan(rows);
    expect(place.top).toBeGreaterThan(0);
    expect(placeOf(press(down, '<pageup>', '<pageup>')[0])).toMatchObject({ cursor: 0, top: 0 });
  });

  test('asks the server for the rows around, and not at each step', () => {
    const state = liveState(1_000);
    expect(press(state, 'j')[0].queryId).toBe(state.queryId);
    const [end] = press(state, 'G');
    expect(end.queryId).toBeGreaterThan(state.queryId);
    const { offset = 0, size = 0 } = queryOf(end);
    const { top } = placeOf(end);
    expect(offset).toBeLessThanOrEqual(top);
    expect(offset + size).toBeGreaterThanOrEqual(top + layOut(end).rows);
  });

  test.for([12, 24, 60, 73, 94, 150, 200])(
    'asks for all rows that a screen of %i lines shows, wherever it is',
    (rows) => {
      let [state] = press(liveState(1_000, { columns: 80, rows }), 'G');
      const { top } = placeOf(state);
      expect(top).toBe(1_000 - layOut(state).rows);
      for (; placeOf(state).cursor > 0; [state] = press(state, 'k')) {
        const { offset = 0, size = 0 } = queryOf(state);
        expect(offset).toBeLessThanOrEqual(placeOf(state).top);
        expect(offset + size).toBeGreaterThanOrEqual(placeOf(state).top + layOut(state).rows);
      }
    },
  );

  test('the cursor stays on its row when rows change places', () => {
    const [state] = press(liveState(5), 'j', 'j');
    const snapshot = snapshotOf(state, 5);
    const [after] = play(state, { type: 'snapshot', snapshot: { ...snapshot, rows: snapshot.rows.toReversed() } });
    expect(selected(after)).toBe('protocol:2');
    const [gone] = play(after, {
      type: 'snapshot',
      snapshot: { ...snapshot, rows: snapshot.rows.slice(0, 1), matching: 1 },
    });
    expect(selected(gone)).toBe('protocol:0');
  });

  test('at the top of a feed it stays at the newest, further down on its row', () => {
    const at = (cursor: number) => {
      const [state] = press(liveState(9, undefined, 'events'), ...Array<string>(cursor).fill('j'));
      const snapshot = snapshotOf(state, 9);
      const newest = { ...snapshot.rows[0], key: 'newest' } as (typeof snapshot.rows)[number];
      return selected(
        play(state, { type: 'snapshot', snapshot: { ...snapshot, rows: [newest, ...snapshot.rows] } })[0],
      );
    };
    expect(at(0)).toBe('newest');
    expect(at(2)).toBe('98');
  });
});

describe('views', () => {
  test('are chosen by number and by tab, and remember where they were', () => {
    const [state] = press(liveState(5), 'j', '2');
    expect(state).toMatchObject({ view: 'sockets', page: undefined });
    expect(press(state, '<tab>')[0].view).toBe('users');
    expect(press(state, '<shift-tab>', '<shift-tab>')[0].view).toBe('refusals');
    expect(placeOf(press(state, '1')[0]).cursor).toBe(1);
  });

  test('keep their rows when they are chosen again, since nothing is asked then', () => {
    const [state] = press(liveState(5), '1', ':', 'rooms', '<enter>');
    expect(state.page?.rows).toHaveLength(5);
    expect(press(state, '<enter>', '1')[0].page).toBeUndefined();
  });

  test('never show the rows of another query', () => {
    const before = liveState(5);
    const [state] = press(before, '2');
    const [late] = play(state, { type: 'snapshot', snapshot: snapshotOf(before, 5) });
    expect(late.page).toBeUndefined();
  });

  test('enter opens the sockets of a room, and esc comes back', () => {
    const [inside] = press(liveState(5), 'j', '<enter>');
    expect(queryOf(inside)).toMatchObject({ view: 'sockets', within: { room: 'protocol:1' } });
    expect(placeOf(press(inside, '<esc>')[0])).toMatchObject({ view: 'rooms', cursor: 1 });
  });

  test('enter on a socket asks for all about it', () => {
    const [state] = press(liveState(5, undefined, 'sockets'), '<enter>');
    expect(state.overlay).toMatchObject({ kind: 'detail', view: 'sockets' });
    expect(queryOf(state).socket).toBe('socket-0000-AAAAAA');
    expect(press(state, '<esc>')[0].overlay).toBeUndefined();
  });

  test.for([
    ['sockets', 'AGE', 'connected'],
    ['sockets', 'Heartbeat', 'seen'],
    ['rooms', 'Events/s', 'events'],
    ['users', 'connections', 'sockets'],
    ['refusals', 'CODE', 'code'],
  ] as const)('of %s are sorted by the title "%s" as by its own name', ([view, title, sort]) => {
    const [state] = press(liveState(5, undefined, view), ':', `sort ${title}`, '<enter>');
    expect(queryOf(state).sort).toBe(sort);
    expect(state.notice).toBeUndefined();
  });

  test('o goes through the sorts and O turns the order round', () => {
    const state = liveState(5);
    expect(queryOf(press(state, 'o')[0])).toMatchObject({ sort: 'room', reverse: false });
    expect(queryOf(press(state, 'o', 'o', 'o', 'o')[0]).sort).toBe('sockets');
    expect(queryOf(press(state, 'O')[0]).reverse).toBe(true);
  });
});

describe('the filter', () => {
  test('works while it is typed, enter keeps it, esc undoes it', () => {
    const [typing] = press(liveState(5), '/', 'a', 'b');
    expect(queryOf(typing).filter).toBe('ab');
    const [kept] = press(typing, '<enter>');
    expect(kept.prompt).toBeUndefined();
    expect(queryOf(kept).filter).toBe('ab');
    expect(queryOf(press(kept, '/', 'c', '<esc>')[0]).filter).toBe('ab');
    expect(queryOf(press(kept, '<esc>')[0]).filter).toBe('');
    expect(queryOf(press(kept, '/', '<ctrl-u>', '<enter>')[0]).filter).toBe('');
  });

  test('takes letters that are commands elsewhere', () => {
    expect(press(liveState(1), '/', 'q', 'x')[0].prompt?.text).toBe('qx');
  });
});

describe('pause', () => {
  test('keeps the picture, and counts what is missed', () => {
    const before = liveState(5);
    const [state] = press(before, ' ');
    const later = snapshotOf(state, 0, { received: 50_090, emitted: 2_010 });
    const [after] = play(state, { type: 'snapshot', snapshot: later });
    expect(after.page?.rows).toHaveLength(5);
    expect(after.paused?.missed).toBe(100);
    expect(press(after, ' ')[0].paused).toBeUndefined();
  });

  test('another view gets one picture of its own', () => {
    const [state] = press(liveState(5), ' ', '2');
    const [shown] = play(state, { type: 'snapshot', snapshot: snapshotOf(state, 7) });
    expect(shown.page?.rows).toHaveLength(7);
    expect(play(shown, { type: 'snapshot', snapshot: snapshotOf(shown, 1) })[0].page?.rows).toHaveLength(7);
  });
});

describe('kicking', () => {
  test('asks first, and only y is a yes', () => {
    const [asked, none] = press(liveState(5, undefined, 'users'), 'j', 'x');
    expect(asked.overlay).toMatchObject({ kind: 'confirm', question: 'Close all connections of bob?' });
    expect(none).toEqual([]);
    expect(press(asked, 'y')[1]).toEqual([{ type: 'kick', whom: { userId: 'bob' } }]);
    for (const key of ['n', '<enter>', '<esc>', 'x', ' ']) expect(press(asked, key)[1]).toEqual([]);
  });

  test('means the row that was selected when it was asked, whatever came since', () => {
    const [asked] = press(liveState(5, undefined, 'sockets'), 'x');
    const snapshot = snapshotOf(asked, 5);
    const [moved] = play(asked, {
      type: 'snapshot',
      snapshot: { ...snapshot, rows: snapshot.rows.slice(2), matching: 3 },
    });
    expect(press(moved, 'y')[1]).toEqual([{ type: 'kick', whom: { socketId: 'socket-0000-AAAAAA' } }]);
  });

  test('text that was pasted is no answer', () => {
    const state = liveState(5, undefined, 'users');
    expect(play(state, { type: 'keys', keys: [{ text: 'xy' }] })[1]).toEqual([]);
    expect(play(state, { type: 'keys', keys: [{ text: 'x' }, { name: 'enter' }, { text: 'y' }] })[1]).toEqual([]);
  });

  test('is off when read-only, as is emitting', () => {
    const state = liveState(5, undefined, 'users', { isReadOnly: true });
    expect(press(state, 'x')[0]).toMatchObject({ overlay: undefined, notice: { tone: 'warn' } });
    expect(press(state, 'e')[0].prompt).toBeUndefined();
    expect(press(state, ':', 'kick bob', '<enter>', 'y')[1]).toEqual([]);
    expect(press(state, ':', 'emit all news', '<enter>')[1]).toEqual([]);
  });
});

describe('a command', () => {
  const run = (text: string, state = liveState(5, undefined, 'users')) => press(state, ':', text, '<enter>');

  test.for(['rooms', 'sockets', 'users', 'events', 'refusals'] as const)(':%s goes there', (view) => {
    expect(run(view)[0].view).toBe(view);
  });

  test('may be cut short where it is clear', () => {
    expect(run('ev')[0].view).toBe('events');
    expect(run('re')[0].notice?.text).toBe('no command "re": refusals, resume');
    expect(run('kik bob')[0].notice?.text).toBe('no command "kik". Did you mean "kick"?');
  });

  test.for([
    ['emit user:42 news {"a": 1}', { event: 'news', to: { users: ['42'] }, payload: { a: 1 } }],
    ['emit room:protocol:7 news', { event: 'news', to: { rooms: ['protocol:7'] } }],
    ['emit "user:two words" news 7', { event: 'news', to: { users: ['two words'] }, payload: 7 }],
    ['emit socket:abc news', { event: 'news', to: { sockets: ['abc'] } }],
    ['emit all news [1]', { event: 'news', payload: [1] }],
  ] as const)(':%s', ([text, request]) => {
    expect(run(text)[1]).toEqual([{ type: 'emit', request }]);
  });

  test.for(['emit', 'emit user:42', 'emit 42 news', 'emit all news {a:1}', 'kick', 'sort shoe-size'])(
    ':%s says what is wrong',
    (text) => {
      const [state, effects] = run(text);
      expect(effects).toEqual([]);
      expect(state.notice?.tone).toBe('bad');
    },
  );

  test('ends at enter, and what came in one piece with it goes on', () => {
    const [typing] = press(liveState(3), ':');
    const keys = [{ text: 'users' }, { name: 'enter' as const }, { text: '45' }];
    expect(play(typing, { type: 'keys', keys })[0].view).toBe('refusals');
  });

  test('names a socket or a user to kick', () => {
    expect(press(run('kick socket:abc')[0], 'y')[1]).toEqual([{ type: 'kick', whom: { socketId: 'abc' } }]);
    expect(press(run('kick "two words"')[0], 'y')[1]).toEqual([{ type: 'kick', whom: { userId: 'two words' } }]);
  });

  test('is completed by tab, back to front with shift, from what is on the screen', () => {
    const [state] = press(liveState(5, undefined, 'users'), ':', 'so', '<tab>');
    expect(state.prompt?.text).toBe('sockets');
    expect(press(state, '<tab>')[0].prompt?.text).toBe('sort');
    expect(press(state, '<shift-tab>')[0].prompt?.text).toBe('sort');
    expect(press(liveState(2, undefined, 'users'), ':', 'kick a', '<tab>')[0].prompt?.text).toBe('kick alice');
    expect(press(liveState(2, undefined, 'users'), ':', 'emit all p', '<tab>')[0].prompt?.text).toBe(
      'emit all protocol:updated',
    );
  });

  test('that changes something is not offered where one may only look', () => {
    const state = liveState(5, undefined, 'users', { isReadOnly: true });
    expect(press(state, ':', 'k', '<tab>')[0].prompt?.text).toBe('k');
    expect(press(state, ':', 'p', '<tab>')[0].prompt?.text).toBe('pause');
  });

  test('e begins one for the selected row', () => {
    expect(press(liveState(5), 'e')[0].prompt?.text).toBe('emit room:protocol:0 ');
    expect(press(liveState(5, undefined, 'users'), 'j', 'e')[0].prompt?.text).toBe('emit user:bob ');
  });
});

describe('leaving', () => {
  test('q quits at once, ctrl-c as well, from anywhere but a prompt', () => {
    expect(press(liveState(1), 'q')[1]).toEqual([{ type: 'quit', interrupted: false, stopsServer: false }]);
    expect(press(liveState(1), '?', '<ctrl-c>')[1]).toMatchObject([{ type: 'quit', interrupted: true }]);
    expect(press(liveState(1), ':', '<ctrl-c>')).toMatchObject([{ prompt: undefined }, []]);
  });

  test('asks what becomes of a server of its own', () => {
    const [asked, none] = press(liveState(1, undefined, 'rooms', { isOwnServer: true }), 'q');
    expect([asked.overlay?.kind, none]).toEqual(['leave', []]);
    expect(press(asked, 'y')[1]).toMatchObject([{ type: 'quit', stopsServer: true }]);
    expect(press(asked, 'n')[1]).toMatchObject([{ type: 'quit', stopsServer: false }]);
    expect(press(asked, '<esc>')[1]).toEqual([]);
  });
});

test('of a cluster that holds more rows than can be gone to, the last ones are said to be out of reach', () => {
  const state = liveState(0, undefined, 'sockets');
  const [seen] = play(state, { type: 'snapshot', snapshot: { ...snapshotOf(state, 3_204), reach: 1_000 } });
  const [end] = press(seen, 'G');
  expect(placeOf(end).cursor).toBe(999);
  expect(renderScreen(end).map(textOf).join('\n')).toContain('1,000/3,204');
  expect(end.notice?.text).toBe('the first 1,000 can be gone to: filter, or sort the other way round');
});

describe('figures', () => {
  test('become rates from one snapshot to the next', () => {
    const state = liveState(1);
    const next = { ...snapshotOf(state, 1, { received: 50_200, delivered: 301_000, cpuMs: 4_250 }), at: NOW + 500 };
    const [after] = play(state, { type: 'snapshot', snapshot: next });
    expect(after.received.at(-1)).toBe(400);
    expect(after.delivered.at(-1)).toBe(2_000);
    expect(after.cpuShare).toBe(0.5);
  });

  test('of a server that was started again do not make a jump', () => {
    const state = liveState(1);
    const next = { ...snapshotOf(state, 1, { received: 3, delivered: 1 }), at: NOW + 500 };
    const [after] = play(state, { type: 'welcome', welcome: WELCOME }, { type: 'snapshot', snapshot: next });
    expect(after.received).toEqual(state.received);
  });
});

test('a lost server leaves the last picture', () => {
  const [state] = play(liveState(5), { type: 'status', status: { state: 'lost', since: NOW - 4_000, reason: 'gone' } });
  expect(state.page?.rows).toHaveLength(5);
});

test('a smaller screen keeps the selected row on it', () => {
  const [state] = press(liveState(40, { columns: 80, rows: 40 }), ...Array<string>(25).fill('j'));
  const [small] = play(state, { type: 'resize', size: { columns: 40, rows: 12 } });
  const { cursor, top } = placeOf(small);
  expect(cursor - top).toBeLessThan(layOut(small).rows);
  expect(cursor).toBe(25);
});

test('c copies the id, of a refusal the correlation id', () => {
  expect(press(liveState(1, undefined, 'sockets'), 'c')[1]).toEqual([{ type: 'copy', text: 'socket-0000-AAAAAA' }]);
  expect(press(liveState(1, undefined, 'refusals'), 'c')[1]).toMatchObject([
    { text: '00000000-1111-2222-3333-444444444444' },
  ]);
});

test('nothing is asked of a dashboard without rows', () => {
  const keys = ['j', 'k', '<enter>', 'x', 'y', 'c', 'G', '<pagedown>', '<esc>', 'e', '<esc>', 'o', ' ', ' ', '<left>'];
  expect(press(newState(), ...keys)[1]).toEqual([]);
  expect(press(liveState(0, undefined, 'sockets'), ...keys)[1]).toEqual([]);
});

describe('help and details that are longer than the screen', () => {
  const [help] = press(liveState(5, { columns: 40, rows: 12 }), '?');
  const topOf = ({ overlay }: TopState) => (overlay?.kind === 'help' ? overlay.top : undefined);

  test('scroll by lines and pages, and no further than to their end', () => {
    expect(topOf(press(help, 'j', '<down>', 'k')[0])).toBe(1);
    expect(topOf(press(help, '<pagedown>')[0])).toBe(mainHeight(help) - 1);
    const [end] = press(help, 'G');
    expect(topOf(end)).toBe(renderHelp(help).length - mainHeight(help));
    expect(topOf(press(end, 'j', '<pagedown>', 'k')[0])).toBe((topOf(end) ?? 0) - 1);
    expect(topOf(press(end, 'g')[0])).toBe(0);
  });

  test('stay at their end on a screen that has grown', () => {
    const [end] = play(press(help, 'G')[0], { type: 'resize', size: { columns: 100, rows: 40 } });
    expect(renderScreen(end).map(textOf)).toContain('1 to 5, tab  rooms, sockets, users, events, refusals');
  });

  test('are closed by any other key', () => {
    expect(press(help, '<enter>')[0].overlay).toBeUndefined();
  });
});

test('ctrl-z does not stop a server that runs in the same process', () => {
  const [state, effects] = press(liveState(1, undefined, 'rooms', { isOwnServer: true }), '<ctrl-z>');
  expect(effects).toEqual([]);
  expect(state.notice?.text).toBe('ctrl-z would stop the server as well');
});
