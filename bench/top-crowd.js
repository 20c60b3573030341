/*
 * Clients for bench/top.js and bench/picture-top.js, in a process of their own: as many raw sockets as asked for, some of
 * which join and leave a room, and heartbeats. Prints `up N` when all are connected.
 *
 *   node bench/top-crowd.js FOLDER SOCKETS MOVES_A_SECOND
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { openWire } from '../dist/wire/open-wire.js';

const [folder = '.', sockets = '100', moves = '0'] = process.argv.slice(2);
const [count, movesPerSecond] = [Number(sockets), Number(moves)];
const secret = readFileSync(join(folder, '.rtserver/secret'), 'utf8').trim();
const { url } = JSON.parse(readFileSync(join(folder, '.rtserver/server.json'), 'utf8'));

const NAMES = ['alice', 'bob', 'carol', 'dr. weiß', '王小明', 'דוד כהן', 'nurse-7', 'zoë'];
const STEP_MS = 20;
const HEARTBEAT_MS = 30_000;

/** @type {import('../dist/wire/wire.js').Wire[]} */
const wires = [];

/** @param {number} index */
async function connect(index) {
  const user = NAMES[index % 20] !== undefined && index < 60 ? NAMES[index % 20] : `user-${Math.floor(index / 2)}`;
  const token = jwt.sign({ sub: user }, secret, { expiresIn: '1h' });
  const wire = await openWire(url, { record: 0, timeoutMs: 30_000 });
  await wire.connect({ auth: { token }, timeoutMs: 30_000 });
  wire.emit('protocol:join', { protocolId: index % 40 });
  wires.push(wire);
}

// A few at a time: this measures a server that holds them, not one that lets them in.
const waiting = Array.from({ length: count }, (_, index) => index);
await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) await connect(index);
  }),
);
process.stdout.write(`up ${wires.length}\n`);

let at = 0;
let owed = 0;
if (movesPerSecond > 0) {
  setInterval(() => {
    owed += (movesPerSecond * STEP_MS) / 1_000;
    for (; owed >= 1; owed--) {
      const step = at++;
      wires[(step >> 1) % wires.length]?.emit(step % 2 === 0 ? 'room:join' : 'room:leave', {
        room: `ward-${(step % 97) >> 1}`,
      });
    }
  }, STEP_MS);
}
let beat = 0;
let due = 0;
setInterval(() => {
  due += (wires.length * STEP_MS) / HEARTBEAT_MS;
  for (; due >= 1; due--) wires[beat++ % wires.length]?.emit('ping');
}, STEP_MS);
