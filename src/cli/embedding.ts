import type { EmbeddingOptions } from '../options.ts';

/** What only a configuration file that is a program can say, each with what it must be. */
const CHECKS = {
  events: { isGood: isSchemas, mustBe: 'what defineEvents() gives: the names of events, each with a schema' },
  modules: { isGood: isModules, mustBe: 'a list of what defineModule() gives' },
  authenticate: { isGood: (value: unknown) => typeof value === 'function', mustBe: 'a function' },
} as const;

export const EMBEDDING_KEYS = ['events', 'modules', 'authenticate'] as const satisfies (keyof typeof CHECKS)[];

/**
 * Takes it out of what the file says: the rest is for the gate. No compiler has seen a JavaScript file.
 *
 * @param problems takes a line for each that is not what it must be
 */
export function takeEmbedding(
  input: Record<string, unknown>,
  file: string | undefined,
  problems: string[],
): EmbeddingOptions {
  const embedding: EmbeddingOptions = {};
  for (const key of EMBEDDING_KEYS) {
    const value = input[key];
    delete input[key];
    if (value === undefined) continue;
    const { isGood, mustBe } = CHECKS[key];
    if (!isGood(value)) problems.push(`${file}: ${key} must be ${mustBe}`);
    else Object.assign(embedding, { [key]: value });
  }
  return embedding;
}

function isSchemas(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((schema) => isObject(schema) && isObject(schema['~standard']));
}

function isModules(value: unknown): boolean {
  return Array.isArray(value) && value.every((module) => isObject(module) && typeof module['name'] === 'string');
}

/** A schema may be a function: arktype's are. */
function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null && !Array.isArray(value)) || typeof value === 'function';
}
