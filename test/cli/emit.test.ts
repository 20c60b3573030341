import { describe, expect, test } from 'vitest';
import { createFolder, parseLines, startPlace } from './place.ts';

const SECRET = 'a-secret-for-tests-that-is-long-enough';
const EVENTS = ['one', 'two', 'three'].map((event, index) => ({ event, payload: { index } }));

describe('takes its events from', () => {
  test.for([
    ['a list', JSON.stringify(EVENTS)],
    ['NDJSON', `${EVENTS.map((event) => JSON.stringify(event)).join('\n')}\n\n`],
    ['NDJSON of Windows', `\ufeff${EVENTS.map((event) => JSON.stringify(event)).join('\r\n')}`],
  ] as const)('%s, in a file and on stdin', async ([, text]) => {
    const place = await startPlace();
    place.write('events.json', text);
    const join = await place.join('--user', '42', '--count', '6', '--json');
    const fromFile = await place.run(['emit', '--user', '42', 'events.json', '--json']);
    const fromStdin = await place.run(['emit', '-', '--user', '42', '--json'], { input: text });
    for (const { code, stdout, stderr } of [fromFile, fromStdin]) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(parseLines(stdout)).toEqual(Array(3).fill({ ok: true, recipients: 1 }));
    }
    await join.exit;
    expect(parseLines(join.stdout)).toMatchObject([...EVENTS, ...EVENTS]);
  });

  test('one object over several lines, and flags', async () => {
    const place = await startPlace();
    place.write('event.json', JSON.stringify(EVENTS[0], null, 2));
    const join = await place.join('--user', '42', '--count', '3', '--json');
    await place.run(['emit', 'event.json', '--user', '42']);
    await place.run(['emit', '--event', 'two', '--payload', '[1,"2"]', '--user', '42']);
    await place.run(['emit', '--event', 'bare', '--user', '42']);
    await join.exit;
    expect(parseLines(join.stdout)).toMatchObject([EVENTS[0], { event: 'two', payload: [1, '2'] }, { event: 'bare' }]);
  });

  test('more events than one request takes, in order', async () => {
    const place = await startPlace();
    const count = 2_500;
    const text = Array.from({ length: count }, (_, index) => JSON.stringify({ event: 'n', payload: index })).join('\n');
    const join = await place.join('--user', '42', '--count', String(count), '--json');
    const { code, stdout } = await place.run(['emit', '-', '--user', '42', '--json'], { input: text });
    expect([code, parseLines(stdout).length]).toEqual([0, count]);
    await join.exit;
    expect(parseLines<{ payload: number }>(join.stdout).map(({ payload }) => payload)).toEqual([
      ...Array(count).keys(),
    ]);
  });
});

describe('reaches', () => {
  test.for([
    [['--user', 'a'], ['a']],
    [
      ['--user', 'a', '--user', 'b'],
      ['a', 'b'],
    ],
    [
      ['--room', 'lobby'],
      ['b', 'c'],
    ],
    [
      ['--room', 'lobby', '--user', 'a'],
      ['a', 'b', 'c'],
    ],
    [['--all'], ['a', 'b', 'c']],
    [
      ['--all', '--except-user', 'b'],
      ['a', 'c'],
    ],
    [['--room', 'lobby', '--except-user', 'b', '--except-user', 'c'], []],
  ] as const)('with %j %j', async ([target, reached]) => {
    const place = await startPlace();
    const joins = await Promise.all([
      place.join('--user', 'a', '--json', '--count', '1'),
      place.join('lobby', '--user', 'b', '--json', '--count', '1'),
      place.join('lobby', '--user', 'c', '--json', '--count', '1'),
    ]);
    const { stdout } = await place.run(['emit', '--event', 'hello', '--json', ...target]);
    expect(JSON.parse(stdout)).toEqual({ ok: true, recipients: reached.length });
    await place.run(['emit', '--event', 'end', '--all']);
    await Promise.all(joins.map((join) => join.exit));
    const got = joins.flatMap((join, index) => (join.stdout.includes('"hello"') ? ['abc'[index]] : []));
    expect(got).toEqual(reached);
  });

  test('one socket, by its id', async () => {
    const place = await startPlace();
    const join = await place.join('--user', '42', '--count', '1');
    await place.join('--user', '42');
    const id = /socket (\S+)\)/.exec(join.stderr)?.[1] ?? '';
    const { stdout } = await place.run(['emit', '--event', 'hello', '--socket', id, '--json']);
    expect(JSON.parse(stdout)).toEqual({ ok: true, recipients: 1 });
    expect(await join.exit).toMatchObject({ code: 0 });
  });

  test('whom the file says, unless the flags say otherwise', async () => {
    const place = await startPlace();
    await place.join('--user', 'a');
    await place.join('--user', 'b');
    await place.join('--user', 'b');
    place.write('event.json', { event: 'hello', to: { users: ['a'] } });
    const recipients = async (...flags: string[]) =>
      JSON.parse((await place.run(['emit', 'event.json', '--json', ...flags])).stdout).recipients;
    expect([await recipients(), await recipients('--user', 'b')]).toEqual([1, 2]);
  });

  test('nobody, which is no failure, and said', async () => {
    const place = await startPlace();
    const { code, stdout, stderr } = await place.run(['emit', '--event', 'hello', '--user', '42']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello: 0 recipients\n' });
    expect(stderr).toContain('reached nobody: no socket matches user 42');
    const json = await place.run(['emit', '--event', 'hello', '--user', '42', '--json']);
    expect(json).toMatchObject({
      code: 0,
      stdout: '{"ok":true,"recipients":0}\n',
      stderr: expect.stringContaining('nobody'),
    });
  });
});

describe('with --ack', () => {
  test('prints who acknowledged', async () => {
    const place = await startPlace();
    await place.join('--user', '42');
    const { code, stdout } = await place.run(['emit', '--event', 'hello', '--user', '42', '--ack', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      recipients: 1,
      acks: [{ userId: '42', ok: true, value: { ok: true } }],
    });
    expect(await place.run(['emit', '--event', 'hello', '--user', '42', '--ack'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/user 42, socket \S+: acknowledged/),
    });
  });

  test('exits 1 where somebody did not', async () => {
    const place = await startPlace();
    const join = await place.join('--user', '42');
    // Stopped, not ended: its connection stays, and nobody is there to answer.
    join.kill('SIGSTOP');
    const args = ['emit', '--event', 'hello', '--user', '42', '--ack', '--timeout', '100ms', '--json'];
    const { code, stdout, stderr } = await place.run(args);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ acks: [{ userId: '42', ok: false, error: { code: 'ACK_TIMEOUT' } }] });
    expect(stderr).toContain('1 of 1 did not acknowledge hello within 100ms');
  });
});

test('a failure of one event is its own: the others are sent, and it exits 4', async () => {
  const place = await startPlace();
  await place.join('--user', '42');
  const text = ['one', 'connect', 'two'].map((event) => JSON.stringify({ event })).join('\n');
  const { code, stdout, stderr } = await place.run(['emit', '-', '--user', '42', '--json'], { input: text });
  expect(code).toBe(4);
  expect(parseLines(stdout)).toMatchObject([{ ok: true }, { ok: false, reason: 'EVENT_RESERVED' }, { ok: true }]);
  expect(stderr).toContain('EVENT_RESERVED');
});

describe('refuses before anything is sent, with exit 2,', () => {
  test.for([
    ['no target', ['--event', 'x'], '', /--user ID, --room NAME, --socket ID or --all/],
    ['no target in a file', ['-'], '{"event":"x"}', /--user ID, --room NAME, --socket ID or --all/],
    ['a target and everyone', ['--event', 'x', '--all', '--user', '42'], '', /--all/],
    ['nothing to send', ['--all'], '', /FILE.*--event/],
    ['a file and a flag', ['-', '--event', 'x', '--all'], '{}', /either FILE or --event/],
    ['a payload of no event', ['--payload', '1', '--all'], '', /--event/],
    ['a timeout of no acknowledgement', ['--event', 'x', '--all', '--timeout', '1s'], '', /--ack/],
    ['a payload that is no JSON', ['--event', 'x', '--all', '--payload', '{"a":}'], '', /--payload.*line 1, column 6/],
    ['broken JSON', ['-', '--all'], '{\n  "event": "x",\n  payload: 1\n}', /stdin.*line 3, column 3/],
    ['broken NDJSON', ['-', '--all'], '{"event":"x"}\n{"event":"y"\n{"event":"z"}', /stdin.*line 2, column 13/],
    ['a misspelt key', ['-', '--all'], '[{"event":"x"},{"event":"y","paylod":1}]', /event 2.*"paylod".*"payload"/],
    ['a misspelt target', ['-'], '{"event":"x","to":{"user":["42"]}}', /"user".*"users"/],
    ['an event without a name', ['-', '--all'], '{"payload":1}', /"event"/],
    ['an empty list', ['-', '--all'], '[]', /empty list/],
    ['an empty file', ['-', '--all'], ' \n', /empty/],
    ['a file that is not there', ['missing.json', '--all'], '', /missing\.json/],
  ] as const)('%s', async ([, args, input, message]) => {
    const folder = createFolder();
    const { code, stdout, stderr } = await folder.run(
      ['emit', ...args, '--url', 'http://127.0.0.1:1', '--secret', SECRET],
      {
        input,
      },
    );
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
