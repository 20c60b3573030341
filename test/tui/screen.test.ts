import { describe, expect, test } from 'vitest';
import { type Snapshot, type SocketRow, VIEWS, type ViewName } from '../../src/contract/snapshot.ts';
import { widthOf } from '../../src/contract/width.ts';
import { update } from '../../src/tui/model.ts';
import { renderOnce } from '../../src/tui/once.ts';
import { textOf, widthOfLine } from '../../src/tui/spans.ts';
import type { ScreenSize, TopState } from '../../src/tui/state.ts';
import { toAnsi } from '../../src/tui/styles.ts';
import { renderScreen } from '../../src/tui/views/screen.ts';
import { liveState, NOW, newState, play, press, snapshotOf, spoil, WELCOME } from './sample.ts';

const show = (state: TopState) => renderScreen(state).map(textOf).join('\n');

/** Three nodes: one is well, one is stopping, one does not answer. */
function clusterState(size: ScreenSize, view: ViewName): TopState {
  const state = liveState(0, size, view);
  const snapshot = snapshotOf(state, 9);
  const health = { connections: 400, isDraining: false, rssBytes: 90_000_000, eventLoopDelayMs: 1.4 };
  const nodes = [
    { ...health, node: 'box:1' },
    { ...health, node: 'box:2', isDraining: true },
    { ...health, node: 'evil\u001b[2J:3', isMissing: true } as const,
  ];
  const rows = snapshot.rows.map((row, at) => ({ ...row, node: `box:${at}` }));
  return play(state, { type: 'snapshot', snapshot: { ...snapshot, rows, cluster: { nodes, missingNodes: 1 } } })[0];
}

const SIZES = [
  [40, 12],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

describe.each(SIZES)('on %i by %i', (columns, rows) => {
  const size = { columns, rows };
  const states: [string, TopState][] = [
    ...VIEWS.flatMap((view): [string, TopState][] =>
      [0, 3, 500].map((total) => [`${view} with ${total} rows`, liveState(total, size, view)]),
    ),
    ['help', press(liveState(5, size), '?')[0]],
    ['a socket', press(liveState(5, size, 'sockets'), '<enter>')[0]],
    ['a refusal', press(liveState(5, size, 'refusals'), '<enter>')[0]],
    ['an event', press(liveState(5, size, 'events'), '<enter>')[0]],
    ['a question', press(liveState(5, size, 'users'), 'x')[0]],
    ['a filter', press(liveState(5, size, 'users'), '/', 'x'.repeat(300))[0]],
    ['payloads', press(liveState(5, size, 'events'), 'p')[0]],
    ['a log', press(liveState(500, size, 'rooms', { isOwnServer: true }), 'l')[0]],
    ['a cluster', clusterState(size, 'sockets')],
    ['refusals of a cluster', clusterState(size, 'refusals')],
    ['nothing yet', newState(size)],
  ];

  test.for(states)('%s fits', ([, state]) => {
    const lines = renderScreen(state);
    // The footer is the last line of the screen, whatever is above it.
    expect(lines.length).toBe(rows);
    for (const line of lines) expect(widthOfLine(line), textOf(line)).toBeLessThanOrEqual(columns);
  });

  test('no control character of a user id gets to the terminal', () => {
    for (const view of ['sockets', 'users', 'events', 'refusals'] as const) {
      const text = show(liveState(9, size, view));
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e|\u200d/u);
    }
    expect(show(liveState(9, size, 'users'))).toContain('evil\\u{');
  });
});

describe('strings of a server that is not to be trusted', () => {
  const size = { columns: 250, rows: 60 };
  const node = { node: 'box:1', connections: 1, isDraining: false, rssBytes: 1, eventLoopDelayMs: 1 };
  const spoiltSnapshot = (state: TopState): Snapshot => {
    const snapshot = snapshotOf(state, 5);
    const socket = { ...(snapshot.rows[0] as SocketRow), origin: 'here', correlationId: '1', expiresAt: null };
    const whole = { ...snapshot, cluster: { nodes: [node], missingNodes: 1 }, socket };
    return { ...spoil(whole), view: snapshot.view };
  };
  const isHarmless = (text: string) => {
    expect(text).toContain('\\u{1b}[2J');
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  };

  test.for(VIEWS)('do nothing in the view of %s, in its rows, and printed once', (view) => {
    const [state] = play(liveState(0, size, view), { type: 'welcome', welcome: spoil(WELCOME) });
    const snapshot = spoiltSnapshot(state);
    const [shown] = play(state, { type: 'snapshot', snapshot });
    isHarmless(show(shown));
    isHarmless(show(press(shown, '<enter>')[0]));
    // Not even where a number is to be.
    const lag = '1.2\x1b[2J' as unknown as number;
    const figures = { ...snapshot.figures, eventLoopDelayMs: lag };
    const nodes = [{ ...spoil(node), eventLoopDelayMs: lag }];
    const spoilt = { ...snapshot, figures, cluster: { nodes, missingNodes: lag } };
    isHarmless(renderOnce(spoilt, spoil(WELCOME), 250));
  });
});

test('tones are told apart by weight alone where there are no colours', () => {
  const line = [{ text: 'a', tone: 'bad' as const }, { text: 'b', tone: 'good' as const }, { text: 'c' }];
  expect(toAnsi(line, true)).toBe('\x1b[1;31ma\x1b[0m\x1b[32mb\x1b[0mc');
  expect(toAnsi(line, false)).toBe('\x1b[1ma\x1b[0mbc');
});

describe('the header', () => {
  test('says where, how many, how much, and who was refused', () => {
    const text = show(liveState(5, { columns: 120, rows: 40 }));
    for (const part of [
      'http://127.0.0.1:3000',
      'up 1h 2m',
      'box:4711',
      '● live',
      '1,204 connections',
      '900 users',
      '12 rooms',
    ])
      expect(text).toContain(part);
    for (const part of ['1 slow', '4 refused/min', 'MAX_CONNECTIONS_EXCEEDED 3', 'lag 1.2 ms', 'mem 88 MB'])
      expect(text).toContain(part);
  });

  test('says how each node of a cluster is, those first that need looking at, and where each row is', () => {
    const text = show(clusterState({ columns: 200, rows: 40 }, 'sockets'));
    expect(text).toContain('of 3 nodes');
    const line = text.split('\n').find((each) => each.includes('box:1 400'));
    expect(line).toMatch(
      /evil\\u\{1b\}\[2J:3 does not answer.*box:2 400 draining lag 1 ms mem 90 MB.*box:1 400 lag 1 ms/,
    );
    expect(text).toContain('NODE');
    expect(text).toMatch(/alice .*box:0/);
    expect(show(liveState(5, { columns: 200, rows: 40 }, 'sockets'))).not.toContain('NODE');
    expect(show(clusterState({ columns: 80, rows: 24 }, 'sockets'))).toMatch(/alice .*box:0/);
  });

  test('keeps the address and what is wrong on the narrowest screen', () => {
    const text = show(liveState(5, { columns: 40, rows: 12 }));
    for (const part of ['rtserver http://127.0.0.1', '1,204 conn', '4 refused/min', '1 slow'])
      expect(text).toContain(part);
  });

  test('counts users and rooms on the narrowest screen where nothing is wrong', () => {
    const state = liveState(5, { columns: 40, rows: 12 });
    const snapshot = snapshotOf(state, 5, { connections: 10_000, users: 4_800, refusedLastMinute: {}, slow: 0 });
    const text = show(play(state, { type: 'snapshot', snapshot })[0]);
    expect(text).toContain('10,000 conn  4,800 users  12 rooms');
  });

  test('says that a server is silent only after the time in which it said it would answer', () => {
    const state = liveState(5);
    const answered = (nextMs: number) =>
      play(state, { type: 'snapshot', snapshot: { ...snapshotOf(state, 5), nextMs } })[0];
    const later = (nextMs: number, ms: number) => show(update(answered(nextMs), { type: 'tick' }, NOW + ms)[0]);
    expect(later(500, 3_000)).toContain('● live');
    expect(later(500, 4_000)).toContain('no answer for 4s');
    expect(later(5_000, 7_000)).toContain('● live');
    expect(later(5_000, 9_000)).toContain('no answer for 9s');
  });

  test('says that the server is lost, and since when', () => {
    const status = { state: 'lost', since: NOW - 4_000, reason: 'the server closed the connection' } as const;
    const text = show(play(liveState(5), { type: 'status', status })[0]);
    expect(text).toContain('LOST 14:03:16, 4s ago');
    expect(text).toContain('the server closed the connection; trying again');
    expect(text).toContain('protocol:0');
  });
});

test('one of a kind is no plural', () => {
  const state = liveState(1, { columns: 120, rows: 40 });
  const snapshot = snapshotOf(state, 1, { connections: 1, users: 1, rooms: 1, received: 1 });
  const text = show(play(state, { type: 'snapshot', snapshot })[0]);
  expect(text).toContain('1 connection   1 user   1 room ');
  expect(renderOnce(snapshot, WELCOME, 100)).toMatch(/^1 connection, 1 user, 1 room, .*\n1 event received/m);
});

test('a node that has died is spoken of for a while, one that was stopped is not', () => {
  const state = clusterState({ columns: 200, rows: 40 }, 'sockets');
  const nodes = state.cluster?.nodes ?? [];
  const later = (ms: number, left: typeof nodes) => ({
    type: 'snapshot' as const,
    snapshot: { ...snapshotOf(state, 9), at: NOW + ms, cluster: { nodes: left, missingNodes: 0 } },
  });
  const [first] = nodes;
  const [dead] = play(state, later(0, nodes.slice(0, 1)), later(5_000, nodes.slice(0, 1)));
  expect(show(dead)).toMatch(/evil\\u\{1b\}\[2J:3 gone 5s ago/);
  expect(show(dead)).not.toContain('box:2');
  expect(show(play(dead, later(70_000, nodes.slice(0, 1)))[0])).not.toContain('gone');
  expect(
    show(
      play(
        dead,
        later(
          6_000,
          [first, nodes[2]].flatMap((node) => node ?? []),
        ),
      )[0],
    ),
  ).not.toContain('gone');
});

describe('the help', () => {
  const helpOf = (isReadOnly: boolean) =>
    show(press(liveState(5, { columns: 120, rows: 40 }, 'rooms', { isReadOnly }), '?')[0]);

  test('lists what acts only where one may act', () => {
    for (const part of ['x, e', ':kick', ':emit', 'to room:NAME']) {
      expect(helpOf(false)).toContain(part);
      expect(helpOf(true)).not.toContain(part);
    }
    expect(helpOf(true)).toContain(':filter WORDS');
  });
});

describe('a filter for a field that the view does not have', () => {
  test.for([
    ['bogus>3', 'rooms have no field "bogus".  fields: room sockets users events'],
    ['!sokets:3', 'rooms have no field "sokets". Did you mean "sockets"?'],
    ['sockets>many', 'sockets> takes a number, and "many" is none'],
  ] as const)('%s is said to be one while it is typed, and where nothing passes it', ([filter, said]) => {
    const [state] = press(liveState(5, { columns: 120, rows: 40 }), '/', filter);
    expect(show(state).split('\n').at(-1)).toContain(said);
    const [kept] = press(state, '<enter>');
    const [empty] = play(kept, { type: 'snapshot', snapshot: snapshotOf(kept, 0) });
    expect(show(empty)).toContain(said.replace(/ {2}fields.*/, ''));
  });

  test.for(['protocol:7', 'user:alice', 'room:ward:3', 'order:created', 'sockets>', '!', 'lobby', 'SOCKETS>3 USERS<2'])(
    '%s is none',
    (filter) => {
      expect(
        show(press(liveState(5), '/', filter)[0])
          .split('\n')
          .at(-1),
      ).toMatch(/▏$/);
    },
  );
});

describe('the table', () => {
  test('marks the selected row and the sorted column', () => {
    const text = show(press(liveState(5), 'j')[0]);
    expect(text).toContain('› protocol:1');
    expect(text).toContain('SOCKETS▾');
    expect(show(press(liveState(5), 'O')[0])).toContain('SOCKETS▴');
    const sockets = liveState(5, { columns: 100, rows: 24 }, 'sockets');
    expect(show(sockets)).toContain('AGE▴');
    expect(show(press(sockets, 'O')[0])).toContain('AGE▾');
  });

  test('lines up whatever the names are made of', () => {
    const lines = show(liveState(8, { columns: 80, rows: 24 }, 'users')).split('\n');
    const rows = lines.filter((line) => line.includes(' of 3 '));
    expect(rows).toHaveLength(8);
    const places = rows.map((line) => widthOf(line.slice(0, line.indexOf(' of 3 '))));
    expect(new Set(places).size).toBe(1);
  });

  test('leaves the cells of the selected row in their places, whatever a terminal makes of a sign in it', () => {
    const [state] = press(liveState(8, { columns: 80, rows: 24 }, 'users'), 'j', 'j', 'j', 'j');
    const [row] = renderScreen(state).filter((line) => textOf(line).startsWith('› '));
    expect(row?.map(({ tone }) => tone)).toEqual(row?.map(() => 'selected'));
    expect(row?.some(({ text }) => text.trim() === 'zoe\u0308')).toBe(true);
    expect(widthOfLine(row ?? [])).toBe(80);
  });

  test('empties the bar of a heartbeat towards the timeout', () => {
    const text = show(liveState(10, { columns: 80, rows: 24 }, 'sockets'));
    expect(text).toMatch(/██████ 0s/);
    expect(text).toMatch(/█████▍ 6s/);
    expect(text).toMatch(/▋ {6}54s/);
  });

  test('explains the selected refusal', () => {
    const state = liveState(5, { columns: 120, rows: 40 }, 'refusals');
    expect(show(state)).toContain('why: the user already has 3 connections (limits.connectionsPerUser)');
    expect(show(press(state, 'j')[0])).toContain('why: no ping for 1m (heartbeat.timeout)');
  });

  test('says what to do where there is nothing', () => {
    expect(show(liveState(0))).toContain('No rooms yet. Join one: rtserver join');
    expect(show(press(liveState(0), '/', 'x')[0])).toContain('Nothing passes the filter x');
    const narrow = show(liveState(0, { columns: 40, rows: 12 }));
    expect(narrow).toMatch(/ {2}No rooms yet\. Join one: rtserver join\n {2}protocol:7 --user 42\n/);
  });
});

test.for(SIZES)('a question about a long name says how to answer it on %i by %i', ([columns, rows]) => {
  const state = liveState(1, { columns, rows }, 'users');
  const [question] = press(state, ':', `kick ${'x'.repeat(128)}`, '<enter>');
  expect(show(question)).toMatch(columns < 60 ? /Close all connections of x+… {2}y\/n$/ : /y yes {3}any other key no$/);
});

describe('one snapshot as text', () => {
  const state = liveState(3);
  const snapshot = snapshotOf(state, 3);

  test.for([
    [3, undefined, undefined],
    [50, undefined, 'and 47 more: --limit N'],
    [5_000, 1_000, 'and 4,997 more: --limit N'],
    [5_000, 3, 'and 4,997 more: out of reach but for --filter or another --sort'],
  ] as const)('of %i rows, of which %s can be had, says what to do for more', ([matching, reach, said]) => {
    const whole = { ...snapshot, matching, ...(reach !== undefined && { reach }) };
    const last = renderOnce(whole, WELCOME, 120).split('\n').at(-1);
    if (said === undefined) expect(last).toContain('protocol:2');
    else expect(last).toBe(said);
  });
});
