import { z } from 'zod';
import { LONGEST_TIMER_MS, parseDuration, parseSize } from './contract/units.ts';

/*
 * The kinds of values that settings have. Each has one sentence for whatever is wrong with it, which says all that is
 * allowed: the words of zod are for programmers.
 */

export const text = z
  .string({ error: ({ input }) => (typeof input === 'number' ? 'must be text: put it in quotes' : 'must be text') })
  .min(1, 'must not be empty');

export const yesOrNo = z.boolean({ error: 'must be true or false' });

export function whole(min: number, max?: number) {
  const error = `must be a whole number from ${min}${max === undefined ? '' : ` to ${max}`}`;
  return z
    .int({ error })
    .min(min, { error })
    .max(max ?? Number.MAX_SAFE_INTEGER, { error });
}

export const count = whole(1);

export function oneOf<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, { error: `must be ${words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`}` });
}

export function listOf<Item extends z.ZodType>(item: Item, items: string) {
  return z.array(item, { error: `must be a list of ${items}` });
}

/** Settings that belong together. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: `must be an object with any of ${Object.keys(shape).join(', ')}` });
}

export const duration = createDuration(0);
export const positiveDuration = createDuration(1);

export const isDuration = (kind: z.core.$ZodType): boolean => kind === duration || kind === positiveDuration;

export const size = quantity({
  parse: parseSize,
  words: 'a size such as 100kB or 1MiB',
  bare: 'bytes',
  limit: (bytes) => (bytes < 1 ? 'must be at least 1 byte' : undefined),
});

function createDuration(minMs: number) {
  return quantity({
    parse: parseDuration,
    words: 'a duration such as 500ms, 60s or 5m',
    bare: 'milliseconds, and 5s is five seconds',
    limit(ms) {
      if (ms > LONGEST_TIMER_MS) return `must be at most ${LONGEST_TIMER_MS} ms, which is about 24 days`;
      return ms < minMs ? 'must be longer than 0' : undefined;
    },
  });
}

interface Quantity {
  parse(text: string): number | undefined;
  words: string;
  /** What a number without a unit is. */
  bare: string;
  /** What is wrong with a number that is one. */
  limit(amount: number): string | undefined;
}

/** Numbers are milliseconds or bytes; text carries its unit. */
function quantity({ parse, words, bare, limit }: Quantity) {
  const error = `must be ${words}`;
  return z.union([z.number(), z.string()], { error }).transform((value, context) => {
    const amount = typeof value === 'number' ? value : parse(value);
    const isAmount = amount !== undefined && Number.isSafeInteger(amount) && amount >= 0;
    const message = isAmount ? limit(amount) : error;
    if (isAmount && message === undefined) return amount;
    const hint = isBareNumber(value) ? `A number without a unit is ${bare}` : undefined;
    context.addIssue({ code: 'custom', message, params: { hint } });
    return z.NEVER;
  });
}

/** Is it a number without a unit, be it as text? */
export function isBareNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^\s*-?\d+(?:\.\d+)?\s*$/.test(value));
}
