import type { HttpAnswer } from './errors.ts';

/** Of a refusal; what comes after is left out. */
const BODY_MAX_BYTES = 1024 * 1024;
const WITHOUT_BODY = [204, 304];

type Head = Omit<HttpAnswer, 'body'>;

export interface HttpBody {
  /** As much of it as has come. */
  text: string;
  /** No more of it is to come. */
  isWhole: boolean;
  /** Why its end cannot be known, if so. */
  trouble?: string;
}

/** The body of an answer, from what came after its headers, as RFC 9112 says. */
export function readBody({ status, headers }: Head, bytes: Buffer): HttpBody {
  if (WITHOUT_BODY.includes(status)) return { text: '', isWhole: true };
  const isFull = bytes.length >= BODY_MAX_BYTES;
  if (/\bchunked\b/i.test(headers['transfer-encoding'] ?? '')) {
    const { body, ...end } = readChunks(bytes);
    return { ...end, text: textOf(body), isWhole: isFull || end.isWhole };
  }
  const asked = headers['content-length'];
  if (asked === undefined) return { text: textOf(bytes), isWhole: isFull };
  // A proxy may say the same twice.
  const [length = '', ...others] = new Set(asked.split(',').map((each) => each.trim()));
  if (others.length > 0 || !/^\d+$/.test(length)) {
    return { text: textOf(bytes), isWhole: true, trouble: `its Content-Length is "${asked}"` };
  }
  return { text: textOf(bytes.subarray(0, Number(length))), isWhole: isFull || bytes.length >= Number(length) };
}

const textOf = (bytes: Buffer) => bytes.toString('utf8', 0, BODY_MAX_BYTES);

function readChunks(bytes: Buffer): { body: Buffer; isWhole: boolean; trouble?: string } {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const body = () => Buffer.concat(chunks);
    const lineEnd = bytes.indexOf('\n', at);
    if (lineEnd < 0) return { body: body(), isWhole: false };
    const line = bytes.toString('latin1', at, lineEnd + 1);
    const [, digits] = /^([\da-f]+)[ \t]*(?:;.*)?\r\n$/i.exec(line) ?? [];
    if (digits === undefined) return { body: body(), isWhole: true, trouble: `a chunk begins with ${show(line)}` };
    const size = Number.parseInt(digits, 16);
    if (size === 0) return { body: body(), isWhole: true };
    const start = lineEnd + 1;
    const end = start + size;
    chunks.push(bytes.subarray(start, end));
    if (bytes.length < end + 2) return { body: body(), isWhole: false };
    const after = bytes.toString('latin1', end, end + 2);
    if (after !== '\r\n') return { body: body(), isWhole: true, trouble: `a chunk ends with ${show(after)}` };
    at = end + 2;
  }
}

const show = (text: string) => JSON.stringify(text.slice(0, 40));
