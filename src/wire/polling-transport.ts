import http from 'node:http';
import https from 'node:https';
import { decodePayload } from 'engine.io-parser';
import { type HttpAnswer, httpError, toWireError, WireError } from './errors.ts';
import { requestText } from './http-request.ts';
import { readOpenPacket } from './open-packet.ts';
import { CLOSE_TIMEOUT_MS, type EnginePacket, type Transport, type TransportOwner } from './transport.ts';
import type { WireOptions } from './wire-options.ts';

const SEPARATOR = '\x1e';

/** Engine.IO over HTTP long polling: one GET that waits, and one POST at a time for what is sent. */
export class PollingTransport implements Transport {
  readonly name = 'polling';
  bufferedBytes = 0;
  readonly #url: URL;
  readonly #owner: TransportOwner;
  readonly #request: https.RequestOptions;
  readonly #agent: http.Agent;
  #queue: string[] = [];
  #payloadMax = Number.POSITIVE_INFINITY;
  #isUp = false;
  #isOver = false;
  #isPaused = false;
  #polling: Promise<void> | undefined;
  #posting: Promise<void> | undefined;

  constructor(url: URL, options: WireOptions, owner: TransportOwner) {
    // Of its own: the session's id comes into it.
    this.#url = new URL(url);
    this.#owner = owner;
    this.#agent = new (url.protocol === 'https:' ? https : http).Agent({ keepAlive: true });
    const { headers, origin, tls, localAddress } = options;
    this.#request = {
      ...tls,
      ...(localAddress === undefined ? {} : { localAddress }),
      agent: this.#agent,
      headers: { ...headers, ...(origin === undefined ? {} : { origin }) },
    };
    this.#poll();
  }

  send(packet: string | Uint8Array): void {
    if (this.#isOver) return;
    const text = typeof packet === 'string' ? packet : `b${Buffer.from(packet).toString('base64')}`;
    this.#queue.push(text);
    this.bufferedBytes += Buffer.byteLength(text);
    this.#posting ??= this.#post();
  }

  async flushed(): Promise<void> {
    while (this.#posting !== undefined) await this.#posting;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#poll();
  }

  /** Resolves when no request is under way: before that, another transport must not take over. */
  async idle(): Promise<void> {
    await this.#polling;
    await this.flushed();
  }

  close(): void {
    this.send('1');
    const timer = setTimeout(() => this.#end(1006, 'the server did not take the close packet'), CLOSE_TIMEOUT_MS);
    this.flushed().then(() => {
      clearTimeout(timer);
      this.#end(1000, '');
    });
  }

  drop(): void {
    process.nextTick(() => this.#end(1006, ''));
    this.#agent.destroy();
  }

  /** Leaves the session to another transport. */
  release(): void {
    this.#isOver = true;
    this.#agent.destroy();
  }

  #poll(): void {
    if (this.#polling !== undefined || this.#isPaused || this.#isOver) return;
    this.#polling = this.#exchange('GET').then((answer) => {
      this.#polling = undefined;
      if (answer !== undefined) this.#receive(answer);
      this.#poll();
    });
  }

  #receive(answer: HttpAnswer): void {
    const packets = decodePayload(answer.body);
    if (!this.#isUp && !this.#enter(packets[0])) {
      const said = answer.body.slice(0, 80);
      const message = `${this.#url.origin} does not speak Engine.IO: it answered ${said}`;
      this.#fail(new WireError('protocol', message, { answer }));
      return;
    }
    for (const packet of packets) {
      this.#owner.onPacket(packet, String(packet.data ?? '').length + 1);
      if (packet.type === 'close') this.#end(1000, 'the server sent a close packet');
    }
  }

  #enter(packet: EnginePacket | undefined): boolean {
    const open = packet?.type === 'open' ? readOpenPacket(packet.data) : undefined;
    if (open === undefined) return false;
    this.#url.searchParams.set('sid', open.sid);
    this.#payloadMax = open.maxPayload ?? this.#payloadMax;
    this.#isUp = true;
    this.#owner.onUp();
    return true;
  }

  async #post(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isOver) {
      const body = this.#nextPayload();
      await this.#exchange('POST', body);
      this.bufferedBytes = this.#queue.reduce((bytes, packet) => bytes + Buffer.byteLength(packet), 0);
    }
    this.#posting = undefined;
  }

  /** As many waiting packets as the server takes in one request, and at least one. */
  #nextPayload(): string {
    let count = 0;
    let bytes = -1;
    for (const packet of this.#queue) {
      bytes += 1 + Buffer.byteLength(packet);
      if (count > 0 && bytes > this.#payloadMax) break;
      count += 1;
    }
    return this.#queue.splice(0, count).join(SEPARATOR);
  }

  async #exchange(method: 'GET' | 'POST', body?: string): Promise<HttpAnswer | undefined> {
    try {
      const headers = { ...this.#request.headers, ...(body === undefined ? {} : { 'content-type': 'text/plain' }) };
      const answer = await requestText(this.#url, { ...this.#request, method, headers }, body);
      if (answer.status === 200) return answer;
      this.#fail(httpError(this.#url, answer));
    } catch (error) {
      this.#fail(toWireError(this.#url, error as NodeJS.ErrnoException));
    }
    return undefined;
  }

  #fail(error: WireError): void {
    if (this.#isOver) return;
    this.#owner.onFail(error);
    this.#end(1006, error.message);
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.release();
    this.#owner.onDown(code, reason);
  }
}
