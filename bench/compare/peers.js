// The clients of one server, in a process of their own: raw WebSockets that count what comes, and read no more of it than
// that needs.
import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { WebSocket } from 'ws';
import { openWire } from '../../dist/wire/open-wire.js';
import { SECRET } from '../servers/control.js';

/** Made once: from a string, each token would cost fifty times as much. */
const KEY = createSecretKey(SECRET, 'utf8');
const AT_ONCE = 50;
const SETTLE_MS = 50;
const LATE_MS = 300_000;

let peers = [];
let received = 0;
let awaited;
let latencies;

/** One connection by WebSocket, over Socket.IO's protocol or, to the plain server, none. */
class Peer {
  count = 0;
  #replies = new Map();
  #lastId = 0;
  #onReady;

  constructor(url, kind, token) {
    this.isPlain = kind === 'ws';
    const address = url.replace('http', 'ws') + (this.isPlain ? '/' : '/socket.io/?EIO=4&transport=websocket');
    const headers = this.isPlain ? { authorization: `Bearer ${token}` } : {};
    this.socket = new WebSocket(address, { perMessageDeflate: false, headers });
    this.opened = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.socket.once('error', reject);
      this.socket.once('close', (code) => reject(new Error(`closed before it was ready (${code})`)));
    });
    this.socket.on('message', (data) => this.#read(data, token));
  }

  #read(data, token) {
    const head = data.toString('latin1', 0, 12);
    if (head.startsWith(this.isPlain ? '["bench' : '42["bench')) {
      this.count += 1;
      count(data);
    } else if (head.startsWith('43')) {
      this.#settle(Number(head.slice(2, head.indexOf('['))));
    } else if (head.startsWith('["ack",')) {
      this.#settle(Number.parseInt(head.slice(7), 10));
    } else if (head.startsWith('2')) {
      this.socket.send('3');
    } else if (head.startsWith('0{')) {
      this.socket.send(`40${JSON.stringify({ token })}`);
    } else if (head.includes('["ready"')) {
      this.#onReady();
    }
  }

  #settle(id) {
    const resolve = this.#replies.get(id);
    this.#replies.delete(id);
    resolve?.();
  }

  ask(event, room) {
    this.#lastId = (this.#lastId + 1) % 10_000;
    const id = this.#lastId;
    const plain = () => JSON.stringify(room === undefined ? ['ping', id] : ['join', id, room]);
    this.socket.send(
      this.isPlain ? plain() : `42${id}${JSON.stringify(room === undefined ? [event] : [event, { room }])}`,
    );
    return new Promise((resolve) => this.#replies.set(id, resolve));
  }

  close() {
    return new Promise((resolve) => {
      this.socket.once('close', resolve);
      this.socket.close();
    });
  }
}

/** One connection by polling. */
class PollingPeer {
  count = 0;

  constructor(url, _kind, token) {
    this.opened = this.#open(url, token);
  }

  async #open(url, token) {
    this.wire = await openWire(url, { transport: 'polling', record: 0 });
    this.wire.onEvent(({ event }) => {
      if (!event.startsWith('bench')) return;
      this.count += 1;
      count();
    });
    await this.wire.connect({ auth: { token } });
  }

  ask(event, room) {
    return this.wire.emitWithAck(event, room === undefined ? undefined : { room });
  }

  close() {
    return this.wire.close();
  }
}

function count(data) {
  received += 1;
  if (latencies !== undefined && data !== undefined) {
    const [, sentAt] = /"at":([\d.]+)/.exec(data.toString('latin1')) ?? [];
    if (sentAt !== undefined) latencies.push(performance.timeOrigin + performance.now() - Number(sentAt));
  }
  if (awaited !== undefined && received >= awaited.total) awaited.resolve();
}

/** Runs `task` for each of `items`, a limited number at once. */
async function each(items, task, atOnce = AT_ONCE) {
  const queue = items.values();
  const run = async () => {
    for (const item of queue) await task(item);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
}

const orders = {
  async open({ url, kind, connections, users = connections, transport, atOnce }) {
    const tokens = Array.from({ length: users }, (_, user) => jwt.sign({ sub: `u${user}` }, KEY, { expiresIn: '1h' }));
    const Kind = transport === 'polling' ? PollingPeer : Peer;
    await each(
      Array.from({ length: connections }, (_, place) => place),
      async (place) => {
        const peer = new Kind(url, kind, tokens[place % users]);
        await peer.opened;
        peers.push(peer);
        peer.place = place;
      },
      atOnce,
    );
  },
  async join({ rooms }) {
    await each(peers, async (peer) => {
      await peer.ask('room:join', 'crowd');
      await peer.ask('room:join', `small-${peer.place % rooms}`);
    });
  },
  async close() {
    const closing = peers;
    peers = [];
    await Promise.all(closing.map((peer) => peer.close()));
  },
  reset({ watchLatency }) {
    received = 0;
    latencies = watchLatency ? [] : undefined;
    for (const peer of peers) peer.count = 0;
  },
  /** Resolves when so many events have come since `reset`. */
  async collect({ total }) {
    if (received >= total) return;
    let timer;
    await new Promise((resolve, reject) => {
      awaited = { total, resolve };
      timer = setTimeout(() => reject(new Error(`${received} of ${total} events came`)), LATE_MS);
    }).finally(() => clearTimeout(timer));
    awaited = undefined;
  },
  /** How many events each receiver got, once nothing more comes. */
  async tally() {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const counts = peers.map((peer) => peer.count);
    return { least: Math.min(...counts), most: Math.max(...counts), latencies: latencies?.toSorted((a, b) => a - b) };
  },
  async ping({ times }) {
    await Promise.all(
      peers.map(async (peer) => {
        for (let time = 0; time < times; time += 1) await peer.ask('ping');
      }),
    );
  },
};

process.on('message', ({ id, order, ...details }) => {
  Promise.resolve(orders[order](details)).then(
    (result) => process.send?.({ id, result }),
    (error) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.send?.({ ready: true });
