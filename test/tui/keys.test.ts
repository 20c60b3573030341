import { expect, onTestFinished, test } from 'vitest';
import type { WatchListener } from '../../src/client/watch.ts';
import type { WatchQuery } from '../../src/contract/snapshot.ts';
import { createDashboard } from '../../src/tui/dashboard.ts';
import { createKeyReader } from '../../src/tui/key-reader.ts';
import { textOf } from '../../src/tui/spans.ts';
import type { Effect } from '../../src/tui/state.ts';
import { renderScreen } from '../../src/tui/views/screen.ts';
import { until } from '../support/until.ts';
import { newState, snapshotOf, WELCOME } from './sample.ts';

/** The dashboard on a server that answers each query with five rows. */
async function open(view: 'rooms' | 'sockets' | 'users' = 'users') {
  const effects: Effect[] = [];
  const asked: WatchQuery[] = [];
  let listener: WatchListener | undefined;
  const size = { columns: 100, rows: 24 };
  const initial = newState(size, view);
  const dashboard = createDashboard(initial, {
    watch(given) {
      listener = given;
      return {
        ask(query) {
          asked.push(query);
          const state = { ...initial, view: query.view, queryId: query.id ?? 0 };
          setImmediate(() => given.snapshot(snapshotOf(state, 5)));
        },
        close() {},
      };
    },
    perform(effect, dispatch) {
      effects.push(effect);
      if (effect.type === 'kick') dispatch({ type: 'notice', text: 'closed 2 connections', tone: 'good' });
    },
  });
  const reader = createKeyReader((keys) => dashboard.dispatch({ type: 'keys', keys }));
  onTestFinished(() => {
    reader.close();
    dashboard.close();
  });
  listener?.status({ state: 'live' });
  listener?.welcome(WELCOME);
  const screen = () => renderScreen(dashboard.state()).map(textOf).join('\n');
  const sees = (text: string) => until(() => screen().includes(text), { what: `"${text}" on the screen` });
  const press = (...keys: string[]) => {
    for (const key of keys) reader.read(Buffer.from(key));
  };
  await sees('● live');
  await sees('› ');
  return { press, sees, effects, asked };
}

const [DOWN, ENTER, ESC, TAB, SHIFT_TAB, PAGE_DOWN] = ['\x1b[B', '\r', '\x1b', '\t', '\x1b[Z', '\x1b[6~'];

test('arrows and letters move, enter opens, escape comes back', async () => {
  const { press, sees, asked } = await open('users');
  press(DOWN);
  await sees('› bob');
  press('k');
  await sees('› alice');
  press(PAGE_DOWN);
  await sees('› zo');
  press('g', ENTER);
  await sees('› alice');
  await until(() => asked.some(({ within }) => within !== undefined && 'user' in within && within.user === 'alice'));
  press(ESC);
  await sees('CONNECTIONS');
});

test('tab and numbers change the view', async () => {
  const { press, sees } = await open('rooms');
  press(TAB);
  await sees('[2 Sockets]');
  press('5');
  await sees('[5 Refusals]');
  press(SHIFT_TAB);
  await sees('[4 Events]');
});

test('a filter is asked of the server while it is typed', async () => {
  const { press, sees, asked } = await open();
  press('/', 'a', 'l');
  await sees('/al▏');
  await until(() => asked.at(-1)?.filter === 'al');
  press('\x7f');
  await until(() => asked.at(-1)?.filter === 'a');
  press(ENTER);
  await sees('/a');
});

test('x asks, y does it, and what came of it is said', async () => {
  const { press, sees, effects } = await open();
  press('x');
  await sees('Close all connections of alice?');
  press('y');
  await sees('closed 2 connections');
  expect(effects).toEqual([{ type: 'kick', whom: { userId: 'alice' } }]);
});

test('keys that come in one piece are taken one by one', async () => {
  const { press, sees } = await open();
  press('jj');
  await sees('› 王小明');
  press(':events\r');
  await sees('[4 Events]');
});

test('what is pasted goes into a prompt in one piece, and is no command anywhere else', async () => {
  const { press, sees, asked, effects } = await open();
  press('\x1b[200~x', 'y\rq\x1b[201~');
  await sees('text can be pasted after / and :');
  press('/\x1b[200~al\r\nice\x1b[B\x1b[201~\r');
  await sees('/al ice [B');
  await until(() => asked.at(-1)?.filter === 'al ice [B');
  expect(effects).toEqual([]);
});

test('ctrl-z stops the job and ctrl-l draws the screen anew, while typing too', async () => {
  const { press, effects } = await open();
  press('\x1a', '/al', '\x1a', '\f');
  await until(() => effects.length === 3);
  expect(effects.map(({ type }) => type)).toEqual(['suspend', 'suspend', 'redraw']);
});

test('q and ctrl-c end it', async () => {
  const { press, effects } = await open();
  press('q');
  await until(() => effects.length === 1);
  press('\x03');
  await until(() => effects.length === 2);
  expect(effects).toMatchObject([
    { type: 'quit', interrupted: false },
    { type: 'quit', interrupted: true },
  ]);
});
