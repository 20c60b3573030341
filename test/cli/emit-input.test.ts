import { describe, expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { nextEvent, takeEvents } from '../support/next-event.ts';
import { parseLines, startServerForCommands } from './against-server.ts';

describe('a target in the file', () => {
  test('may leave out users, as a list or by what they are, and flags for whom to leave out join in', async () => {
    const { run, url, token } = await startServerForCommands();
    const sockets = await Promise.all(['a', 'b', 'c'].map((user) => connectClient(url, { token: token(user) })));
    await sockets[2]?.emitWithAck('room:join', { room: 'lobby' });
    const events = [
      { event: 'list', to: { users: ['a', 'b'] }, except: ['b'] },
      { event: 'room', to: 'all', except: { rooms: ['lobby'], users: ['a'] } },
      { event: 'inner', to: { users: ['a', 'c'], except: ['c'] } },
      { event: 'nobody', to: { users: [] } },
      { event: 'everyone', to: 'all' },
    ];
    const input = JSON.stringify(events);
    const { code, stdout } = await run(['emit', '-', '--json'], { input });
    expect(code).toBe(0);
    expect(parseLines<{ recipients: number }>(stdout).map(({ recipients }) => recipients)).toEqual([1, 1, 1, 0, 3]);
    const narrowed = await run(['emit', '-', '--json', '--except-user', 'a'], { input });
    expect(parseLines<{ recipients: number }>(narrowed.stdout).map(({ recipients }) => recipients)).toEqual([
      ...[1, 2, 1, 0, 2],
    ]);
    for (const socket of sockets) await nextEvent(socket, 'everyone');
    expect(sockets.map((socket) => takeEvents(socket, 'room').length)).toEqual([0, 2, 1]);
  });

  test('is checked before anything is sent, and named by its line', async () => {
    const { run } = await startServerForCommands();
    const good = '{"event":"good","to":"all"}\n';
    for (const [line, message] of [
      ['{"event":"x","to":{"users":"42"}}', 'stdin, line 2: "to": "users" must be a list of names in quotes, got "42"'],
      ['{"event":"x","to":{"users":[42]}}', 'stdin, line 2: "to": "users" must be a list of names in quotes, got [42]'],
      ['{"event":"x","to":["42"]}', 'stdin, line 2: "to" must be an object with users, rooms, sockets'],
      ['{"event":"x","to":null}', 'stdin, line 2: "to" must be an object with users, rooms, sockets'],
      [
        '{"event":"x","to":"all","except":[1]}',
        'stdin, line 2: "except": "users" must be a list of names in quotes, got [1]',
      ],
      [
        '{"event":"x","to":{"except":{"user":[]}}}',
        'stdin, line 2: "to": "except": "user" is not a known key. Did you mean "users"?',
      ],
      [
        '{"event":"x","to":"all","ack":{"timeout":1}}',
        'stdin, line 2: "ack": "timeout" is not a known key. Did you mean "timeoutMs"?',
      ],
      ['{"event":7,"to":"all"}', 'stdin, line 2: "event" must be the name of the event'],
      ['{"event":"x","to":{}}', 'stdin, line 2: "to" names no users, rooms or sockets; everyone is "all"'],
      ['["x"]', 'stdin, line 2 must be an object with event, payload, to'],
    ] as const) {
      expect(await run(['emit', '-'], { input: good + line })).toEqual({
        ...{ code: 2, signal: null, stdout: '' },
        stderr: `error: ${message}\n`,
      });
    }
  });
});

test('events that are together more than a request may hold go in several, one that is too large alone is refused', async () => {
  const { run, url, token } = await startServerForCommands();
  const socket = await connectClient(url, { token: token('42') });
  const big = (event: string, kilobytes: number) => JSON.stringify({ event, payload: 'x'.repeat(kilobytes * 1_024) });
  const input = [1, 2, 3, 4].map((index) => big(`part-${index}`, 400)).join('\n');
  expect(await run(['emit', '-', '--user', '42'], { input })).toMatchObject({ code: 0, stderr: '' });
  expect(await nextEvent<string>(socket, 'part-4')).toHaveLength(400 * 1_024);
  const tooLarge = await run(['emit', '-', '--user', '42'], { input: big('huge', 1_100) });
  expect(tooLarge).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringMatching(/^error: Invalid payload: the body is larger than 1 MiB \(PAYLOAD_INVALID\)\nNext: /),
  });
});

test('a payload that its schema refuses is 4, one line for each, with where to look', async () => {
  const version = {
    '~standard': {
      version: 1 as const,
      vendor: 'by-hand',
      validate: (value: unknown) =>
        typeof value === 'number' ? { value } : { issues: [{ message: 'must be a \u001b[31mnumber' }] },
    },
  };
  const { run } = await startServerForCommands({ events: { version } });
  const input = '{"event":"version","payload":"x"}\n{"event":"version","payload":1}\n{"event":"verson"}';
  const { code, stdout, stderr } = await run(['emit', '-', '--all'], { input });
  expect({ code, stdout }).toEqual({ code: 4, stdout: 'version: 0 recipients\n' });
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(/^error: version was not sent: .*must be a \\u\{1b\}\[31mnumber.* \(PAYLOAD_INVALID\)$/),
    expect.stringMatching(/^version reached nobody/),
    expect.stringMatching(/^error: verson was not sent.* \(EVENT_UNKNOWN\)$/),
    'Next: see which events the server knows with `rtserver ls events`.',
    '',
  ]);
});

test('who acknowledged, and what, is shown so that a terminal does nothing of it', async () => {
  const { run, url, token } = await startServerForCommands();
  const evil = '\u001b]0;owned\u0007';
  const socket = await connectClient(url, { token: token(evil) });
  socket.on('ask', (_, acknowledge) => acknowledge({ [evil]: '\u009b2J\u202e' }));
  await connectClient(url, { token: token('mute') });
  const { code, stdout, stderr } = await run(['emit', '--all', '--event', 'ask', '--ack', '--timeout', '300ms']);
  expect(code).toBe(1);
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(stdout).toMatch(/^ask: 2 recipients$/m);
  expect(stdout).toMatch(/^ {2}user \\u\{1b\}\]0;owned\\u\{7\}, socket \S+: acknowledged \{/m);
  expect(stdout).toMatch(/^ {2}user mute, socket \S+: No acknowledgement in time.* \(ACK_TIMEOUT\)$/m);
  expect(stderr).toBe('1 of 2 did not acknowledge ask within 300ms.\n');
});
