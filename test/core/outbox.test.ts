import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createOutboxes, type Outboxes } from '../../src/core/outbox.ts';
import { until } from '../support/until.ts';

const ORDERS = 4_000;
/** Some wait in the stream, some are written at once, some do not fit into what the kernel takes. */
const SIZES = [10, 10, 10, 300, 5_000, 70_000];

/** One end of a connection, and what should and does arrive at the other. */
interface Line {
  tcp: Socket;
  peer: Socket;
  sent: string;
  received: string;
  isHeldUp: boolean;
}

async function openLines(count: number): Promise<Line[]> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const lines: Line[] = [];
  for (let opened = 0; opened < count; opened += 1) {
    const accepted = once(server, 'connection');
    const peer = connect(port, '127.0.0.1');
    const [tcp] = (await accepted) as [Socket];
    const line: Line = { tcp, peer, sent: '', received: '', isHeldUp: false };
    peer.on('data', (data) => {
      line.received += data.toString('latin1');
    });
    lines.push(line);
  }
  onTestFinished(() => {
    for (const { tcp, peer } of lines) for (const socket of [tcp, peer]) socket.destroy();
    server.close();
  });
  return lines;
}

const createLineOutboxes = (mismatches: string[] = []): Outboxes<Line> =>
  createOutboxes<Line>({
    onMismatch: (what) => mismatches.push(what),
    errorTaker: () => (error) => {
      if (error) throw error;
    },
    holdUp(line) {
      line.isHeldUp = true;
      return () => {
        line.isHeldUp = false;
      };
    },
  });

/** The same numbers for the same seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test.for([1, 2, 3, 4])('whatever is sent in whatever way arrives once and in order, seed %i', async (seed) => {
  const random = createRandom(seed);
  const lines = await openLines(6);
  const outboxes = createLineOutboxes();
  const [patched] = lines as [Line];
  Object.assign(patched.tcp, { _write: Object.getPrototypeOf(patched.tcp)._write });

  function send(line: Line, number: number, isForMany: boolean): void {
    if (line.isHeldUp || !outboxes.isOpen(line.tcp)) return;
    const text = `${number}:`.padEnd(SIZES[random(SIZES.length)] ?? 0, '.');
    line.sent += text;
    outboxes.send(line, line.tcp, Buffer.from(text), isForMany);
  }

  /** As ws writes its own frames: past the outbox, in two pieces or in one. */
  function writePast(line: Line, number: number): void {
    const { tcp } = line;
    const pieces = random(2) === 0 ? [`<${number}`, '>'] : [`<${number}>`];
    line.sent += pieces.join('');
    tcp.cork();
    for (const piece of pieces) tcp.write(piece);
    tcp.uncork();
  }

  for (let number = 0; number < ORDERS; number += 1) {
    const line = lines[random(lines.length)] as Line;
    const what = random(12);
    if (what < 5) for (const each of lines) send(each, number, true);
    else if (what < 8) send(line, number, false);
    else if (what === 8) writePast(line, number);
    else if (what === 9) outboxes.flush();
    else if (what === 10) line.peer[random(2) === 0 ? 'pause' : 'resume']();
    else await nextTurn();
  }
  outboxes.flush();
  for (const { peer } of lines) peer.resume();
  await until(() => lines.every(({ sent, received }) => received.length >= sent.length), { what: 'all has arrived' });
  for (const { sent, received } of lines) expect(received === sent).toBe(true);
  await until(() => lines.every(({ isHeldUp, tcp }) => !isHeldUp && tcp.writableLength === 0), {
    what: 'all is taken',
  });
});

test('what was sent before a connection is destroyed goes out', async () => {
  const [line] = (await openLines(1)) as [Line];
  const outboxes = createLineOutboxes();
  outboxes.send(line, line.tcp, Buffer.from('first'), false);
  await until(() => line.received === 'first');
  outboxes.send(line, line.tcp, Buffer.from(' second'), true);
  line.tcp.destroy();
  await once(line.peer, 'close');
  expect(line.received).toBe('first second');
});

test('what somebody else gathers in the stream is not overtaken', async () => {
  const [line] = (await openLines(1)) as [Line];
  const { tcp } = line;
  const outboxes = createLineOutboxes();
  outboxes.send(line, tcp, Buffer.from('1'), false);
  await until(() => line.received === '1');
  outboxes.send(line, tcp, Buffer.from('2'), true);
  tcp.cork();
  tcp.write('3');
  expect(outboxes.isOpen(tcp)).toBe(false);
  tcp.write('4');
  tcp.uncork();
  await until(() => line.received === '1234', { what: 'all has arrived in order' });
});
