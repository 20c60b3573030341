import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { checksOf } from '../../src/load/compile.ts';
import { Stage } from '../../src/load/stage.ts';
import { makeToken } from '../../src/load/tokens.ts';
import { startServer } from '../support/start-server.ts';
import { startFlawedServer } from './flawed-server.ts';
import { playSteps } from './play-file.ts';

const CONNECT = { connect: { user: 'ann-{{ $vu }}' } };
const TO_ANN = { users: ['ann-{{ $vu }}'] };

/** The words of the one failure. */
async function failureOf(flow: readonly unknown[], target?: { url: string; secret: string }): Promise<string> {
  const { examples } = await playSteps(flow, target ?? (await startServer()));
  expect(Object.keys(examples)).toHaveLength(1);
  return Object.values(examples)[0] ?? '';
}

describe('an expectation', () => {
  test('looks back to what came before it was asked', async () => {
    const { failed } = await playSteps(
      [
        CONNECT,
        { publish: { event: 'a', to: TO_ANN } },
        { publish: { event: 'b', to: TO_ANN } },
        { receive: { event: 'b' } },
        { receive: { event: 'a' } },
      ],
      await startServer(),
    );
    expect(failed).toEqual([]);
  });

  test('does not take an event from before the thing that it is about', async () => {
    const flow = [
      CONNECT,
      { publish: { event: 'a', to: TO_ANN } },
      { emit: { event: 'ping', ack: {} } },
      { receive: { event: 'pong', within: '20ms' } },
    ];
    expect(await failureOf(flow)).toMatch(/^"pong" did not come within 20ms; what came: ready, a/);
    const old = [
      CONNECT,
      { publish: { event: 'a', to: TO_ANN } },
      { receiveNothing: { event: 'b', for: '50ms' } },
      { emit: { event: 'ping', ack: {} } },
      { receive: { event: 'a', within: '20ms' } },
    ];
    expect(await failureOf(old, await startFlawedServer(undefined))).toBe(
      '"a" did not come within 20ms; one had come before the last thing that was done',
    );
  });

  test('takes each event once', async () => {
    const flow = [
      CONNECT,
      { publish: { event: 'a', to: TO_ANN } },
      { receive: { event: 'a' } },
      { receive: { event: 'a', within: '20ms' } },
    ];
    expect(await failureOf(flow)).toMatch(/"a" did not come within 20ms/);
  });

  test('that waits beside another for the same event waits for the next one', async () => {
    const wait = { receive: { event: 'a' } };
    const publishTwice = { loop: [{ publish: { event: 'a', to: TO_ANN } }], count: 2 };
    const flow = [CONNECT, { parallel: [wait, { ...wait }, publishTwice] }];
    expect((await playSteps(flow, await startServer())).examples).toEqual({});
  });

  test('of nothing is not met by a dead connection', async () => {
    const flow = [
      CONNECT,
      { kick: 'ann-{{ $vu }}' },
      { closed: { within: '2s' } },
      { receiveNothing: { for: '20ms' } },
    ];
    expect(await failureOf(flow)).toMatch(/is not connected: the server closed it with KICKED/);
  });

  test('of nothing is broken by anything', async () => {
    const flow = [
      CONNECT,
      { publish: { event: 'a', payload: { n: 1 }, to: TO_ANN } },
      { receiveNothing: { for: '200ms' } },
    ];
    expect(await failureOf(flow)).toBe('"a" came, and should not have: {"n":1}');
  });

  test('says what was there instead', async () => {
    const flow = [
      CONNECT,
      { publish: { event: 'a', payload: { n: 1 }, to: TO_ANN } },
      { receive: { event: 'a', match: { n: 2 }, within: '50ms' } },
    ];
    expect(await failureOf(flow)).toBe('"a" did not come within 50ms; it came with {"n":1}, and should match {"n":2}');
  });
});

describe('a socket that the server ended', () => {
  const limits = { connectionsPerUser: 1, onExceeded: 'replace-oldest' } as const;
  const both = { connect: { user: 'ann-{{ $vu }}', count: 2 } };

  test('is missed by the next step when nothing expected it', async () => {
    const flow = [both, { publish: { event: 'a', to: TO_ANN } }, { receive: { event: 'a' } }];
    expect(await failureOf(flow, await startServer({ limits }))).toBe(
      '1 of 2 is gone: the server closed it with REPLACED',
    );
  });

  test('is not missed when it was expected, or had left by then', async () => {
    const again = [{ publish: { event: 'a', to: TO_ANN } }, { receive: { event: 'a' } }];
    const target = await startServer({ limits });
    const replaced = [{ ...CONNECT, as: 'old' }, { ...CONNECT }, { closed: { within: '2s' }, as: 'old' }, ...again];
    expect((await playSteps(replaced, target)).failed).toEqual([]);
    const left = [CONNECT, 'disconnect', CONNECT, ...again];
    expect((await playSteps(left, target)).failed).toEqual([]);
    const kicked = [
      CONNECT,
      { kick: 'ann-{{ $vu }}' },
      { closed: { code: 'KICKED', within: '2s' } },
      CONNECT,
      ...again,
    ];
    expect((await playSteps(kicked, target)).failed).toEqual([]);
  });
});

describe('a socket that the server ended unexpectedly fails', () => {
  const kick = { kick: 'ann-{{ $vu }}' };
  /** Silence is over as soon as the connection is. */
  const lost = [CONNECT, { parallel: [{ silence: { for: '10s' } }, kick] }];
  const emits = { emit: { event: 'note', rate: 50, for: '500ms' } };

  test.for([
    [
      'events that nobody acknowledges',
      [CONNECT, { parallel: [emits, kick] }],
      'the socket emits note, 50 a second',
      '',
    ],
    ['its own disconnect', [...lost, 'disconnect'], 'the socket disconnects', '1 of 1 is gone: '],
    ['its own return', [...lost, 'reconnect'], 'the socket reconnects', '1 of 1 is gone: '],
    [
      'a storm, which it does not live to see',
      [
        { ...CONNECT, as: 'crowd' },
        { parallel: [{ silence: { for: '10s' }, as: 'crowd' }, kick] },
        { storm: { within: '5s' }, as: 'crowd' },
      ],
      'all of crowd get back in after a storm',
      '1 of 1 is gone: ',
    ],
    ['the end of the flow', lost, 'no socket is lost until the end', 'the socket: 1 of 1 is gone: '],
  ] as const)('%s', async ([, flow, check, who]) => {
    const { examples } = await playSteps(flow, await startServer());
    expect(examples).toEqual({ [check]: `${who}the server closed it with KICKED` });
  });

  test('nothing where a climb was to find that out', async () => {
    const climb = { from: 20, by: 20, to: 40, hold: '100ms', until: { ackP95: '10s' }, atLeast: 20 };
    const { answers, examples } = await playSteps(
      [{ climb }],
      await startFlawedServer('drops the oldest sockets silently'),
    );
    expect([answers, examples]).toEqual([[expect.stringMatching(/^held 20 sockets .*broke at 40 sockets: /)], {}]);
  });
});

test.for(['join', 'leave', 'switch'])('a refusal that is expected of %s is an expectation', (step) => {
  const judged = (more: object) => checksOf([{ [step]: { room: 'r', protocolId: 'r', ...more } }]);
  expect(judged({ refused: 'ROOM_FORBIDDEN' })).toEqual([
    { check: expect.stringMatching(/ and is refused$/), isJudged: true },
  ]);
  expect(judged({})).toEqual([{ check: expect.stringMatching(/r$/), isJudged: false }]);
});

describe('climb', () => {
  const climb = (more: object) => [{ climb: { from: 2, by: 2, to: 4, rate: 100, hold: '100ms', ...more } }];

  test('holds no more than are connected', async () => {
    const target = await startServer();
    const refused = [
      { connect: { user: 'u-0', count: 3 }, as: 'door' },
      ...climb({ user: 'u', users: 1, until: { refused: 9 }, atLeast: 1 }),
    ];
    expect(await failureOf(refused, target)).toMatch(/^held 0 sockets; .*\(it should have been 1 socket\)$/);
  });

  test('answers how many were held and what broke, or how to go on', async () => {
    const target = await startServer();
    const answersTo = async (more: object, variables = {}) =>
      (await playSteps(climb(more), target, { connectionsPerUser: 3, ...variables })).answers;
    expect(await answersTo({ until: { ackP95: '10s' } })).toEqual([
      expect.stringMatching(
        /^held 4 sockets with a p95 of acknowledgements of \S+ m?s; no threshold broke: go on with `to: 8` in the file$/,
      ),
    ]);
    expect(await answersTo({ to: '{{ top }}', until: { ackP95: '10s' } }, { top: 2 })).toEqual([
      expect.stringMatching(/no threshold broke: go on with --var top=4$/),
    ]);
    expect(await answersTo({ until: { ackP95: 0 } })).toEqual([
      expect.stringMatching(
        /^held 0 sockets; broke at 2 sockets: the P95 of acknowledgements was \S+ m?s, over 0.00 ms$/,
      ),
    ]);
  });

  test('does not take for quick what was not measured', async () => {
    expect(await failureOf(climb({ hold: 0, until: { ackP95: '1s' } }))).toMatch(/no acknowledgement was measured/);
  });
});

test('a token that --token cannot be is an error that says what to do', () => {
  expect(() => makeToken({ kind: 'given', token: 'x' }, 'ann', 'expired')).toThrow(
    'this step needs a token of its own, and --token is but one: pass --secret, so that others can be made',
  );
});

test('a connection that is tried again is let go of', async () => {
  const detached = vi.spyOn(Stage.prototype, 'detach');
  onTestFinished(() => detached.mockRestore());
  const full = [{ connect: { user: 'ann' } }, { connect: { user: 'ann', within: '100ms' } }];
  await failureOf(full, await startServer({ limits: { connectionsPerUser: 1 } }));
  expect(detached).toHaveBeenCalled();
});

describe('connect', () => {
  test('says with what it was refused', async () => {
    expect(await failureOf([{ connect: { user: 'ann', token: 'forged' } }])).toBe(
      'refused with TOKEN_INVALID: Invalid token',
    );
  });

  test('says when a refusal was another one', async () => {
    const flow = [{ connect: { user: 'ann', token: 'none', expect: { refused: 'TOKEN_EXPIRED' } } }];
    expect(await failureOf(flow)).toBe(
      'refused with UNAUTHENTICATED: Authentication required; it should have been TOKEN_EXPIRED',
    );
  });

  test('sees a refused origin over both transports', async () => {
    const refused = { expect: { refused: 'ORIGIN_NOT_ALLOWED' }, origin: 'https://evil.example' };
    const { failed, passed } = await playSteps(
      [{ connect: { user: 'a', ...refused } }, { connect: { user: 'a', ...refused, transports: ['polling'] } }],
      await startServer(),
    );
    expect(failed).toEqual([]);
    expect(passed).toHaveLength(2);
  });

  test('polls, and goes over to a WebSocket', async () => {
    const { failed } = await playSteps(
      [
        { connect: { user: 'a', transports: ['polling'] }, as: 'polling' },
        { connect: { user: 'a', transports: ['polling', 'websocket'] }, as: 'both' },
        { emit: { event: 'ping', ack: {} }, as: 'polling' },
        { emit: { event: 'ping', ack: {} }, as: 'both' },
      ],
      await startServer(),
    );
    expect(failed).toEqual([]);
  });
});

test('an acknowledgement that says no is a failure, unless it is asked for', async () => {
  expect(await failureOf([CONNECT, { emit: { event: 'nobody:knows', ack: {} } }])).toBe(
    '"nobody:knows" was answered with EVENT_UNKNOWN: Nobody handles this event',
  );
});

test('closed tells too early from too late', async () => {
  const target = await startFlawedServer(undefined, { heartbeat: 'short' });
  const closed = (more: object) => [CONNECT, { closed: { code: 'HEARTBEAT_TIMEOUT', ...more } }];
  expect(await failureOf(closed({ within: '3s', notBefore: '2s' }), target)).toMatch(
    /it was closed after [\d.]+ ms, before 2s had passed/,
  );
  expect(await failureOf(closed({ within: '100ms' }), target)).toBe('it is still open after 100ms');
});

test('a client that does not answer the transport is closed by it', async () => {
  const { url, secret } = await startServer({ engine: { pingInterval: 100, pingTimeout: 100 } });
  const flow = [CONNECT, { silence: { for: '2s', transport: true } }, { closed: { within: '2s', notBefore: '100ms' } }];
  expect((await playSteps(flow, { url, secret })).failed).toEqual([]);
});

test('a failure ends its virtual user, and what comes after is not tried', async () => {
  const { passed, failed } = await playSteps(
    [CONNECT, { receive: { event: 'x', within: '10ms' } }, { emit: { event: 'ping', ack: {} } }],
    await startServer(),
  );
  expect([passed, failed]).toEqual([['the socket connects'], ['the socket receives x']]);
});

test('a loop counts, and a template that leads nowhere is an error and not the word "undefined"', async () => {
  const target = await startServer();
  const { passed, failed } = await playSteps(
    [CONNECT, { loop: [{ emit: { event: 'ping', ack: {} }, name: 'again' }], count: '{{ n + 1 }}' }],
    target,
    { n: 2 },
  );
  expect([passed, failed]).toEqual([['the socket connects', 'again'], []]);
  expect(await failureOf([{ connect: { user: '{{ nme }}' } }], target)).toBe('there is no variable "nme"');
});

test('a cohort that does not read is judged apart from one that does', async () => {
  const { failed } = await playSteps(
    [
      { cohort: { sockets: 20, slow: 0.25, join: 'r-{{ $vu }}' }, as: 'crowd' },
      { broadcast: { count: 10, rate: 100, to: { rooms: ['r-{{ $vu }}'] } }, as: 'crowd' },
    ],
    await startServer(),
  );
  expect(failed).toEqual([]);
});

test('two steps that are but a word are two steps', async () => {
  const { passed, failed } = await playSteps([CONNECT, 'disconnect', 'reconnect', 'reconnect'], await startServer());
  expect([passed, failed]).toEqual([
    ['the socket connects', 'the socket disconnects', 'the socket reconnects', 'the socket reconnects (2)'],
    [],
  ]);
});

describe('leave', () => {
  test('of a protocol room is judged by the room that was left', async () => {
    const flow = [CONNECT, { switch: { protocolId: 7 } }, { leave: 'protocol:7' }];
    expect((await playSteps(flow, await startServer())).failed).toEqual([]);
  });

  test('of another protocol room than the one that it is in is a failure', async () => {
    const flow = [CONNECT, { join: 'protocol:7' }, { leave: 'protocol:9' }];
    expect(await failureOf(flow)).toBe(
      '"protocol:leave" was answered with {"left":"protocol:7","ok":true}; it should match {"left":"protocol:9"}',
    );
  });
});
