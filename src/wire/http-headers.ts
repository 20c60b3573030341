import { type IncomingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http';

/**
 * The lines of a request's headers. Of names that differ only in case, the last one counts.
 *
 * @throws TypeError where a header holds what no header may
 */
export function writeHeaders(headers: readonly (readonly [name: string, value: string])[]): string {
  const lines = new Map<string, string>();
  for (const [name, value] of headers) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    lines.set(name.toLowerCase(), `${name}: ${value}\r\n`);
  }
  return [...lines.values()].join('');
}

/**
 * The headers of an answer, as RFC 9112 says.
 *
 * @throws Error where a line is no header; the message tells it from its neighbours
 */
export function readHeaders(lines: readonly string[]): IncomingHttpHeaders {
  // Without a prototype: a server may call its headers as it likes, `constructor` too.
  const headers: IncomingHttpHeaders = Object.create(null);
  for (const line of unfold(lines)) {
    const [name = ''] = line.split(':', 1);
    const isHeader = /^[\w!#$%&'*+.^`|~-]+$/.test(name) && name.length < line.length;
    if (!isHeader) throw new Error(`one of its headers is ${JSON.stringify(line.slice(0, 80))}`);
    const key = name.toLowerCase();
    const value = line.slice(name.length + 1).trim();
    if (key === 'set-cookie') headers[key] = [...(headers[key] ?? []), value];
    else headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return headers;
}

/** A line that begins with a blank goes on with the one before. */
function unfold(lines: readonly string[]): string[] {
  const unfolded: string[] = [];
  for (const line of lines) {
    if (/^[ \t]/.test(line) && unfolded.length > 0) unfolded.push(`${unfolded.pop()} ${line.trim()}`);
    else unfolded.push(line);
  }
  return unfolded;
}
