import { parseDuration } from '../contract/units.ts';
import { evaluate, type Scope } from './expression.ts';

const WHOLE = /^\s*\{\{((?:(?!\}\}).)*)\}\}\s*$/s;
const PART = /\{\{(.*?)\}\}/gs;

export const isTemplate = (value: unknown): value is string => typeof value === 'string' && value.includes('{{');

/**
 * Fills in templates, deep. A text that is nothing but one keeps the type of its value. A name that does not exist is an
 * error, where Artillery's own templates would write the word "undefined".
 */
export function render<Value>(value: Value, scope: Scope): Value {
  return fill(value, { ...FUNCTIONS, ...scope }) as Value;
}

function fill(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return isTemplate(value) ? fillText(value, scope) : value;
  if (Array.isArray(value)) return value.map((each) => fill(each, scope));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, scope)]));
}

function fillText(text: string, scope: Scope): unknown {
  const whole = WHOLE.exec(text)?.[1];
  if (whole !== undefined) return evaluate(whole, scope);
  return text.replace(PART, (_all, source: string) => String(evaluate(source, scope)));
}

const FUNCTIONS: Scope = {
  $randomNumber: (from: number, to: number) => Math.floor(from + Math.random() * (to - from + 1)),
  $randomString: (length: number) => Array.from({ length }, () => Math.floor(Math.random() * 36).toString(36)).join(''),
  min: Math.min,
  max: Math.max,
  round: Math.round,
  ceil: Math.ceil,
  floor: Math.floor,
  /** `10m` is 600. */
  seconds: (duration: unknown) => (parseDuration(String(duration)) ?? Number.NaN) / 1_000,
  text: (length: number) => 'x'.repeat(length),
};
