import { isDeepStrictEqual } from 'node:util';
import { isMatch } from '../contract/is-match.ts';

/** One thing that was looked at, with what was expected beside what was seen. */
export interface Observation {
  what: string;
  expected: string;
  seen: string;
}

/** An expectation that does not hold. */
export class Unmet extends Error {
  override readonly name = 'Unmet';
  readonly observation: Observation;

  constructor(observation: Observation) {
    super(`${observation.what}: expected ${observation.expected}, seen ${observation.seen}`);
    this.observation = observation;
  }
}

/** A scenario, or the rest of one, that cannot be tried on this server. */
export class NotTried extends Error {
  override readonly name = 'NotTried';
}

const POLL_MS = 20;

/** Compares, and remembers what it saw. The first expectation that does not hold ends the scenario. */
export class Expectations {
  readonly observations: Observation[] = [];
  readonly #waitMs: number;
  readonly #signal: AbortSignal;

  /** @param signal ends the waits early */
  constructor(waitMs: number, signal: AbortSignal) {
    this.#waitMs = waitMs;
    this.#signal = signal;
  }

  equal(what: string, seen: unknown, expected: unknown): void {
    this.#judge(what, seen, expected, isDeepStrictEqual(seen, expected));
  }

  /** Of an object only the fields that `expected` names; within them the same. */
  matches(what: string, seen: unknown, expected: object): void {
    this.#judge(what, seen, expected, isMatch(seen, expected));
  }

  /** For what is neither of the above. */
  holds(what: string, isTrue: boolean, expected: string, seen: unknown): void {
    this.#judge(what, typeof seen === 'string' ? { text: seen } : seen, { text: expected }, isTrue);
  }

  /** As `matches`, looked at again until it holds or time is up: for what the server does in its own time. */
  async eventually(what: string, look: () => Promise<unknown>, expected: object): Promise<void> {
    const deadline = performance.now() + this.#waitMs;
    for (;;) {
      this.#signal.throwIfAborted();
      const seen = await look();
      if (isMatch(seen, expected) || performance.now() > deadline) return this.matches(what, seen, expected);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #judge(what: string, seen: unknown, expected: unknown, isMet: boolean): void {
    const observation = { what, expected: show(expected), seen: show(seen) };
    if (!isMet) throw new Unmet(observation);
    this.observations.push(observation);
  }
}

const SHOWN_MAX_CHARACTERS = 400;

/** For people: `{ text }` as that text, anything else as JSON, and never a page of it. */
export function show(value: unknown): string {
  const isText = typeof value === 'object' && value !== null && 'text' in value && Object.keys(value).length === 1;
  const text = isText ? String(value.text) : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN_MAX_CHARACTERS ? `${text.slice(0, SHOWN_MAX_CHARACTERS)}…` : text;
}
