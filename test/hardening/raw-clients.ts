import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { within } from '../support/until.ts';

const DEADLINE_MS = 15_000;

const isReady = (packet: string) => packet.startsWith('42["ready"');

export interface RawSocket {
  send(data: string | Uint8Array): void;
  /** The next message as it came; binary ones as `bytes 0a0b`. */
  next(): Promise<string>;
  closed: Promise<unknown>;
  close(): void;
}

/** A WebSocket of `ws`, with nothing of ours in between; through both handshakes where a token is given. */
export async function openRawSocket(url: string, token?: string, query = ''): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket${query}`);
  onTestFinished(() => socket.terminate());
  const came: string[] = [];
  let look = () => {};
  socket.on('message', (data, isBinary) => {
    came.push(isBinary ? `bytes ${(data as Buffer).toString('hex')}` : String(data));
    look();
  });
  const closed = within(once(socket, 'close'), 60_000, () => 'the server did not close the WebSocket');
  closed.catch(() => {});
  await once(socket, 'open');
  const next = () => {
    const message = new Promise<string>((resolve) => {
      look = () => {
        const first = came.shift();
        if (first === undefined) return;
        look = () => {};
        resolve(first);
      };
      look();
    });
    return within(message, DEADLINE_MS, () => 'no message came');
  };
  const raw = { send: (data: string | Uint8Array) => socket.send(data), next, closed, close: () => socket.close() };
  if (token !== undefined) {
    raw.send(`40${JSON.stringify({ token })}`);
    for (let message = ''; !isReady(message); message = await next()) if (message === '2') raw.send('3');
  }
  return raw;
}

/** Engine.IO by `fetch`, one request at a time. */
export class Polling {
  readonly url: URL;
  /** The packets of the first answer. */
  readonly opened: Promise<string[]>;
  #sid = '';

  private constructor(url: string) {
    this.url = new URL('/socket.io/?EIO=4&transport=polling', url);
    this.opened = this.poll();
  }

  static async open(url: string, token?: string): Promise<Polling> {
    const polling = new Polling(url);
    const [packet = ''] = await polling.opened;
    polling.#sid = (JSON.parse(packet.slice(1)) as { sid: string }).sid;
    polling.url.searchParams.set('sid', polling.#sid);
    if (token === undefined) return polling;
    await polling.post(`40${JSON.stringify({ token })}`);
    for (let isOpen = false; !isOpen; ) {
      const packets = await polling.poll();
      isOpen = packets.some(isReady);
      if (packets.includes('2')) await polling.post('3');
    }
    return polling;
  }

  get sid(): string {
    return this.#sid;
  }

  /** The packets of one answer. */
  async poll(): Promise<string[]> {
    const answer = await fetch(this.url, { signal: AbortSignal.timeout(DEADLINE_MS) });
    return (await answer.text()).split('\x1e');
  }

  async post(body: string): Promise<string> {
    const headers = { 'content-type': 'text/plain;charset=UTF-8' };
    return (await fetch(this.url, { method: 'POST', headers, body })).text();
  }
}
