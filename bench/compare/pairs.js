// A server under comparison together with its clients.
import { Worker } from './processes.js';

const SMALL_ROOMS = 100;

export class Pair {
  /** What the operating system measures. */
  server;
  peers;
  url;

  /** @param env of the server, beside that of this process */
  constructor(kind, env = {}) {
    this.kind = kind;
    this.server = new Worker(`../servers/${kind}.js`, env);
    this.peers = new Worker('peers.js');
  }

  async start() {
    [this.url] = await Promise.all([this.server.ready, this.peers.ready]);
    return this;
  }

  open(options) {
    return this.peers.order('open', { url: this.url, kind: this.kind, ...options });
  }

  /** Connects so many receivers that are all in one room and each in a small one. */
  async crowd(connections, transport) {
    await this.open({ connections, transport });
    await this.peers.order('join', { rooms: SMALL_ROOMS });
  }

  async close() {
    await this.peers.close();
    await this.server.close();
  }
}
