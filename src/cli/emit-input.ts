import { didYouMean } from '../contract/did-you-mean.ts';
import type { EmitRequest } from '../contract/emission.ts';
import { usageError } from './cli-error.ts';
import { locateJsonError, parseJson } from './json-text.ts';

const KEYS = ['event', 'payload', 'to', 'except', 'ack'];
const TARGET_KEYS = ['users', 'rooms', 'sockets', 'except'];

/** The events of a text: one object, a list of them, or one object a line. */
export function parseEmissions(text: string, name: string): EmitRequest[] {
  if (text.trim() === '')
    throw usageError(`${name} is empty: it must hold { "event", "payload" }, a list of them, or one a line`);
  const lines = parseLines(text, name);
  if (lines !== undefined) return lines;
  const value = parseJson(text, name);
  if (Array.isArray(value) && value.length === 0)
    throw usageError(`${name} is an empty list: there is nothing to send`);
  return Array.isArray(value)
    ? value.map((item, index) => toEmission(item, `${name}, event ${index + 1}`))
    : [toEmission(value, name)];
}

/** `undefined` for a text that is not one object a line. */
function parseLines(text: string, name: string): EmitRequest[] | undefined {
  const lines = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '');
  // A document of several lines does not begin with a whole object on its first one.
  if (lines.length < 2 || !isWholeObject(lines[0]?.line ?? '')) return undefined;
  return lines.map(({ line, number }) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      const { column, problem } = locateJsonError(line);
      throw usageError(`${name} is not valid JSON: line ${number}, column ${column}: ${problem}`, [], { cause });
    }
    return toEmission(value, `${name}, line ${number}`);
  });
}

function isWholeObject(line: string): boolean {
  if (!line.trimStart().startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function toEmission(value: unknown, where: string): EmitRequest {
  const emission = checkObject(value, where, KEYS);
  if (typeof emission['event'] !== 'string' || emission['event'] === '') {
    throw usageError(`${where}: "event" must be the name of the event`);
  }
  for (const part of ['to', 'except'] as const) {
    // The server takes a plain list for users to leave out.
    if (emission[part] === undefined || (part === 'except' && Array.isArray(emission[part]))) continue;
    checkObject(emission[part], `${where}: "${part}"`, TARGET_KEYS);
  }
  return emission as unknown as EmitRequest;
}

/** A misspelt key must not vanish: `paylod` would send an event without a payload. */
function checkObject(value: unknown, where: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`${where} must be an object with ${keys.slice(0, 3).join(', ')}`);
  }
  const strange = Object.keys(value).find((key) => !keys.includes(key));
  if (strange === undefined) return { ...value };
  throw usageError(`${where}: "${strange}" is not a known key.${didYouMean(strange, keys)}`);
}
