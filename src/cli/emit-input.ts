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
  const { to, except, ack } = emission;
  if (to !== undefined && to !== 'all') checkTo(to, `${where}: "to"`);
  if (except !== undefined) checkExcept(except, where);
  if (ack !== undefined) checkObject(ack, `${where}: "ack"`, ['timeoutMs']);
  return emission as unknown as EmitRequest;
}

function checkTo(value: unknown, where: string): void {
  checkTarget(value, where);
  if (!TARGET_KEYS.some((key) => Object.hasOwn(value as object, key))) {
    throw usageError(`${where} names no users, rooms or sockets; everyone is "all"`);
  }
}

function checkTarget(value: unknown, where: string): void {
  for (const [key, names] of Object.entries(checkObject(value, where, TARGET_KEYS))) {
    if (key === 'except') checkExcept(names, where);
    else if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) {
      throw usageError(`${where}: "${key}" must be a list of names in quotes, got ${JSON.stringify(names)}`);
    }
  }
}

/** A plain list is short for users. */
function checkExcept(value: unknown, where: string): void {
  checkTarget(Array.isArray(value) ? { users: value } : value, `${where}: "except"`);
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
