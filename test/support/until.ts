export interface Deadline {
  /** Default 15 s: far longer than anything takes, so that only what never comes runs into it. */
  withinMs?: number;
}

export const DEADLINE_MS = 15_000;
const POLL_MS = 15;

type Truthy<Value> = Exclude<Value, false | 0 | '' | null | undefined>;

/**
 * Asks again until the condition answers with something truthy, and resolves to that. What it threw or answered last is
 * part of the message when time runs out.
 */
export async function until<Value>(
  condition: () => Value | Promise<Value>,
  { withinMs = DEADLINE_MS, what = 'the condition' }: Deadline & { what?: string } = {},
): Promise<Truthy<Value>> {
  const deadline = Date.now() + withinMs;
  let last: string;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Truthy<Value>;
      last = `last saw ${show(value)}`;
    } catch (error) {
      last = `last error: ${error instanceof Error ? error.message : show(error)}`;
    }
    if (Date.now() >= deadline) throw new Error(`${what} did not hold within ${withinMs} ms; ${last}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Rejects when the promise takes longer, saying what was waited for. */
export async function within<Value>(promise: Promise<Value>, withinMs: number, describe: () => string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${describe()} (waited ${withinMs} ms)`)), withinMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
}
