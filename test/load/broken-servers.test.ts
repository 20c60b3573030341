import { describe, expect, test } from 'vitest';
import { type Flaw, startFlawedServer } from './flawed-server.ts';
import { playFile } from './play-file.ts';

const SMALL = {
  limits: { racers: 20, drops: 10 },
  heartbeat: {},
  rooms: {},
  acks: { sockets: 20, rate: 100, duration: '1s' },
  auth: { tokenLife: '1s' },
  fanout: { sockets: 100, events: 40, rate: 100 },
  reconnect: { sockets: 50 },
  soak: { duration: '2s', sockets: 40, rate: 20 },
  capacity: { from: 20, by: 20, to: 60, hold: '200ms', atLeast: 40, rate: 200 },
} as const;
type FileName = keyof typeof SMALL;

const heartbeatFor = (name: FileName) => ({ heartbeat: name === 'heartbeat' ? 'short' : 'long' }) as const;

describe('a sound server passes', () => {
  test.for(Object.keys(SMALL) as FileName[])('%s.yml', async (name) => {
    const played = await playFile(name, await startFlawedServer(undefined, heartbeatFor(name)), SMALL[name]);
    expect(played.examples).toEqual({});
    expect(played.passed.length).toBeGreaterThan(0);
  });
});

describe('a server fails its own expectation, and no other, when it', () => {
  test.for([
    [
      'has no limit',
      'limits',
      [
        'over the limit › one more is refused with "Max connections exceeded"',
        'a race › of many at once exactly the limit gets in',
      ],
    ],
    ['has a limit that can be raced', 'limits', ['a race › of many at once exactly the limit gets in']],
    ['never frees a slot', 'limits', ['a freed slot › who has left makes room']],
    [
      'leaks a slot when a handshake breaks off',
      'limits',
      ['dropped handshakes › handshakes that break off hold no slot'],
    ],
    ['leaves a refused transport open', 'limits', ['over the limit › the refused transport is closed by the server']],
    ['never times out', 'heartbeat', ['the silent one is closed in its window']],
    ['times out too early', 'heartbeat', ['the silent one is closed in its window']],
    ['never pongs', 'heartbeat', ['a heartbeat without an acknowledgement is answered with pong']],
    ['never moves lastSeen on', 'heartbeat', ['the one that beats stays']],
    ['leaks events to other rooms', 'rooms', ['isolation › who is in another room does not']],
    ['loses one event in a thousand', 'fanout', ['delivered to all: none missing']],
    ['delivers one event in a thousand twice', 'fanout', ['delivered to all: none twice']],
    ['swaps two events now and then', 'fanout', ['delivered to all: in order']],
    ['acknowledges late', 'acks', ['under load › every acknowledgement comes in time']],
    ['replays after a reconnection', 'reconnect', ['no replay › what was missed is not replayed']],
    ['drops the oldest sockets silently', 'fanout', ['delivered to all']],
    ['drops the oldest sockets silently', 'capacity', ['enough sockets are held with quick answers']],
    ['accepts expired tokens', 'auth', ['at the door › an expired token is refused']],
  ] as const satisfies [Flaw, FileName, string[]][])('%s (%s)', async ([flaw, name, expected]) => {
    const played = await playFile(name, await startFlawedServer(flaw, heartbeatFor(name)), SMALL[name]);
    expect(played.failed, JSON.stringify(played.examples)).toEqual(expected);
    // A failure says what was seen, and not only that something was wrong.
    for (const example of Object.values(played.examples)) expect(example).toMatch(/\w+ \w+ \w+/);
  });
});
