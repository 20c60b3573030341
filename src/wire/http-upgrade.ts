import { createHash, randomBytes } from 'node:crypto';
import { type IncomingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http';
import { type HttpAnswer, WireError } from './errors.ts';
import type { WireOptions } from './wire-options.ts';

/** What came back: the way is free, with the bytes that came after the answer, or it is not. */
export type UpgradeAnswer = { isUpgraded: true; rest: Buffer } | { isUpgraded: false; answer: HttpAnswer };

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const HEAD_END = '\r\n\r\n';
const HEAD_MAX_BYTES = 64 * 1024;
/** Of a refusal; what comes after is left out. */
const BODY_MAX_BYTES = 1024 * 1024;

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

  /** @throws TypeError where a header holds what no header may */
  constructor(url: URL, { headers = {}, origin }: Pick<WireOptions, 'headers' | 'origin'>) {
    this.#url = url;
    const key = randomBytes(16).toString('base64');
    this.#accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64');
    this.request = `GET ${url.pathname}${url.search} HTTP/1.1\r\n${writeHeaders({
      ...defaultsOf(url, headers),
      ...headers,
      ...(origin !== undefined && { Origin: origin }),
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
    })}\r\n`;
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
    const body = bodyOf(this.#head.headers, this.#seen);
    return body === undefined ? undefined : { isUpgraded: false, answer: { ...this.#head, body } };
  }

  /** The answer when the server has ended the connection: some have no other end. `undefined` where none had begun. */
  end(): HttpAnswer | undefined {
    return this.#head === undefined ? undefined : { ...this.#head, body: textOf(this.#head.headers, this.#seen) };
  }

  /** Leaves in `#seen` what comes after it. */
  #readHead(): { status: number; headers: IncomingHttpHeaders } | undefined {
    for (;;) {
      const start = this.#seen.toString('latin1', 0, 5);
      if (!'HTTP/'.startsWith(start)) throw this.#noUpgrade('it does not speak HTTP');
      const at = this.#seen.indexOf(HEAD_END);
      if (at < 0 && this.#seen.length > HEAD_MAX_BYTES) throw this.#noUpgrade('its headers do not end');
      if (at < 0) return undefined;
      const [first = '', ...lines] = this.#seen.toString('latin1', 0, at).split('\r\n');
      this.#seen = this.#seen.subarray(at + HEAD_END.length);
      const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]);
      if (Number.isNaN(status)) throw this.#noUpgrade(`its status line is ${JSON.stringify(first)}`);
      // 100 and 103 come before the answer.
      if (status >= 200 || status === 101) return { status, headers: readHeaders(lines) };
    }
  }

  #requireUpgrade(headers: IncomingHttpHeaders): void {
    if (headers.upgrade?.toLowerCase() !== 'websocket') throw this.#noUpgrade('it switches to another protocol');
    if (headers['sec-websocket-accept'] !== this.#accept) throw this.#noUpgrade('Sec-WebSocket-Accept is wrong');
    for (const name of ['sec-websocket-extensions', 'sec-websocket-protocol']) {
      if (headers[name] !== undefined) throw this.#noUpgrade(`nobody asked for ${name}`);
    }
  }

  #noUpgrade(why: string): WireError {
    return new WireError('protocol', `${this.#url.origin} answered the upgrade wrongly: ${why}`);
  }
}

function defaultsOf(url: URL, headers: object): Record<string, string> {
  const has = (name: string) => Object.keys(headers).some((key) => key.toLowerCase() === name);
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    ...(!has('host') && { Host: url.host }),
    ...(credentials !== ':' &&
      !has('authorization') && { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
  };
}

function writeHeaders(headers: Readonly<Record<string, string>>): string {
  let text = '';
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}

function readHeaders(lines: readonly string[]): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'set-cookie') headers[name] = [...(headers[name] ?? []), value];
    else headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

/** `undefined` while more of it must come. */
function bodyOf(headers: IncomingHttpHeaders, bytes: Buffer): string | undefined {
  const isWhole =
    bytes.length >= BODY_MAX_BYTES ||
    (isChunked(headers)
      ? readChunks(bytes).isWhole
      : bytes.length >= Number(headers['content-length'] ?? Number.POSITIVE_INFINITY));
  return isWhole ? textOf(headers, bytes) : undefined;
}

function textOf(headers: IncomingHttpHeaders, bytes: Buffer): string {
  const length = Number(headers['content-length'] ?? BODY_MAX_BYTES);
  const body = isChunked(headers) ? readChunks(bytes).body : bytes.subarray(0, length);
  return body.toString('utf8', 0, BODY_MAX_BYTES);
}

const isChunked = (headers: IncomingHttpHeaders) => /\bchunked\b/i.test(headers['transfer-encoding'] ?? '');

function readChunks(bytes: Buffer): { body: Buffer; isWhole: boolean } {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (size > 0) chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
    if (!(size > 0 && at <= bytes.length)) return { body: Buffer.concat(chunks), isWhole: size === 0 };
  }
}
