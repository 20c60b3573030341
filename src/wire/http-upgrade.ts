import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type HttpAnswer, WireError } from './errors.ts';
import { readBody } from './http-body.ts';
import { readHeaders, writeHeaders } from './http-headers.ts';
import type { WireOptions } from './wire-options.ts';

/** What came back: the way is free, with the bytes that came after the answer, or it is not. */
export type UpgradeAnswer = { isUpgraded: true; rest: Buffer } | { isUpgraded: false; answer: HttpAnswer };

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** RFC 9112 lets a reader take a line feed alone for the end of a line. */
const LINE_END = /\r?\n/;
const HEAD_END = /\r?\n\r?\n/;
const HEAD_MAX_BYTES = 64 * 1024;

/**
 * Asks a server to turn an HTTP connection into a WebSocket, as RFC 6455 says. Node's own client is left out: at ten thousand
 * connections, it takes a third of all that they cost.
 */
export class HttpUpgrade {
  readonly request: string;
  readonly #url: URL;
  readonly #accept: string;
  #seen: Buffer = Buffer.alloc(0);
  #head: { status: number; headers: IncomingHttpHeaders } | undefined;

  /**
   * @throws TypeError where a header holds what no header may
   * @throws WireError where the credentials of the URL cannot be read
   */
  constructor(url: URL, { headers = {}, origin }: Pick<WireOptions, 'headers' | 'origin'>) {
    this.#url = url;
    const key = randomBytes(16).toString('base64');
    this.#accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64');
    this.request = `GET ${url.pathname}${url.search} HTTP/1.1\r\n${writeHeaders([
      ['Host', url.host],
      ...authorizationOf(url),
      ...Object.entries(headers),
      ...(origin === undefined ? [] : [['Origin', origin] as const]),
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', key],
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
    ])}\r\n`;
  }

  /**
   * The next bytes of the server; `undefined` while the answer is not complete.
   *
   * @throws WireError where it is no answer in HTTP, or one that only looks like an upgrade
   */
  read(chunk: Buffer): UpgradeAnswer | undefined {
    this.#seen = this.#seen.length === 0 ? chunk : Buffer.concat([this.#seen, chunk]);
    this.#head ??= this.#readHead();
    if (this.#head === undefined) return undefined;
    if (this.#head.status === 101) {
      this.#requireUpgrade(this.#head.headers);
      return { isUpgraded: true, rest: this.#seen };
    }
    const { text, isWhole, trouble } = readBody(this.#head, this.#seen);
    const answer = { ...this.#head, body: text };
    if (trouble !== undefined) throw this.#wrong(`${trouble} (HTTP ${answer.status})`, answer);
    return isWhole ? { isUpgraded: false, answer } : undefined;
  }

  /** The answer when the server has ended the connection: some have no other end. `undefined` where none had begun. */
  end(): HttpAnswer | undefined {
    return this.#head === undefined ? undefined : { ...this.#head, body: readBody(this.#head, this.#seen).text };
  }

  /** Leaves in `#seen` what comes after it. */
  #readHead(): { status: number; headers: IncomingHttpHeaders } | undefined {
    for (;;) {
      const text = this.#seen.toString('latin1', 0, HEAD_MAX_BYTES);
      if (!'HTTP/'.startsWith(text.slice(0, 5))) throw this.#wrong('it does not speak HTTP');
      const end = HEAD_END.exec(text);
      if (end === null && this.#seen.length > HEAD_MAX_BYTES) throw this.#wrong('its headers do not end');
      if (end === null) return undefined;
      const [first = '', ...lines] = text.slice(0, end.index).split(LINE_END);
      this.#seen = this.#seen.subarray(end.index + end[0].length);
      const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]);
      if (Number.isNaN(status)) throw this.#wrong(`its status line is ${JSON.stringify(first)}`);
      // 100 and 103 come before the answer.
      if (status >= 200 || status === 101) return { status, headers: this.#readHeaders(lines) };
    }
  }

  #readHeaders(lines: readonly string[]): IncomingHttpHeaders {
    try {
      return readHeaders(lines);
    } catch (error) {
      throw this.#wrong((error as Error).message);
    }
  }

  #requireUpgrade(headers: IncomingHttpHeaders): void {
    if (headers.upgrade?.toLowerCase() !== 'websocket') throw this.#wrong('it switches to another protocol');
    const connection = headers.connection?.toLowerCase().split(',') ?? [];
    if (!connection.some((token) => token.trim() === 'upgrade')) throw this.#wrong('Connection does not say Upgrade');
    if (headers['sec-websocket-accept'] !== this.#accept) throw this.#wrong('Sec-WebSocket-Accept is wrong');
    for (const name of ['sec-websocket-extensions', 'sec-websocket-protocol']) {
      if (headers[name] !== undefined) throw this.#wrong(`nobody asked for ${name}`);
    }
  }

  #wrong(why: string, answer?: HttpAnswer): WireError {
    return new WireError('protocol', `${this.#url.origin} answered the upgrade wrongly: ${why}`, answer && { answer });
  }
}

/** The header that the credentials of a URL stand for, if it has any. */
function authorizationOf({ username, password, origin }: URL): [name: string, value: string][] {
  if (username === '' && password === '') return [];
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return [['Authorization', `Basic ${Buffer.from(credentials).toString('base64')}`]];
  } catch {
    const what = 'holds a % that begins no character; write %25 for the sign itself';
    throw new WireError('protocol', `The user name or the password in the address of ${origin} ${what}`);
  }
}
