import { parseDuration } from '../contract/units.ts';
import { show } from './match.ts';

/* What a template gave is checked here: the file's own values were checked before the run. */

export function toMs(value: unknown, key: string): number {
  const ms = typeof value === 'number' ? value : parseDuration(String(value));
  if (ms !== undefined && Number.isFinite(ms) && ms >= 0) return ms;
  throw new TypeError(`"${key}" must be a duration such as 500ms or 2s, and is ${show(value)}`);
}

export function toCount(value: unknown, key: string): number {
  const number = Number(value);
  if (value !== '' && value !== null && Number.isInteger(number) && number >= 0) return number;
  throw new TypeError(`"${key}" must be a whole number, and is ${show(value)}`);
}

export function toAmount(value: unknown, key: string): number {
  const number = Number(value);
  if (value !== '' && value !== null && Number.isFinite(number) && number >= 0) return number;
  throw new TypeError(`"${key}" must be a number, and is ${show(value)}`);
}

/** `1 event`, `3 events`, `1,000 events`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : many}`;
}

/** Milliseconds for people: three digits that matter. */
export function showMs(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(ms >= 10_000 ? 1 : 2)} s`;
  return `${ms >= 100 ? Math.round(ms) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
}

/** To two decimals. */
export const round = (value: number) => Math.round(value * 100) / 100;

/** Of figures that are never negative; 0 of none. Not spread: a long run has more seconds than a call may have arguments. */
export const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0);
