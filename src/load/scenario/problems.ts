import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../../contract/did-you-mean.ts';
import { show } from '../match.ts';

/** What is wrong with a scenario file, and where. */
export interface Problem {
  line: number;
  column: number;
  message: string;
}

type Path = readonly PropertyKey[];

/** A YAML (or JSON) file with the places of what stands in it. */
export class Source {
  readonly value: unknown;
  readonly problems: Problem[] = [];
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, merge: true });
    for (const error of this.#document.errors) {
      this.#add(error.pos[0], (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''));
    }
    this.value = this.problems.length === 0 ? this.#read() : undefined;
  }

  #read(): unknown {
    try {
      return this.#document.toJS();
    } catch (error) {
      // Aliases of aliases of aliases, which would fill the memory.
      this.#add(0, (error as Error).message);
      return undefined;
    }
  }

  /** A problem with the value at `path`. */
  at(path: Path, message: string): void {
    this.#add(this.#offsetOf(path), message);
  }

  /** A problem with the key itself. */
  atKey(path: Path, key: string, message: string): void {
    const parent = this.#nodeAt(path);
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      : undefined;
    const range = (pair?.key as Node | undefined)?.range;
    this.#add(range?.[0] ?? this.#offsetOf(path), message);
  }

  /** Everything that a schema says against the value at `path`. */
  check(path: Path, schema: z.ZodType, value: unknown, what: string): boolean {
    const result = schema.safeParse(value);
    if (result.success) return true;
    for (const issue of result.error.issues) this.#report(path, issue, what, schema);
    return false;
  }

  #report(path: Path, issue: z.core.$ZodIssue, what: string, schema: z.ZodType): void {
    const at = [...path, ...issue.path];
    const name = issue.path.length === 0 ? what : `${what}: "${issue.path.map(String).join('.')}"`;
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue.path);
      for (const key of issue.keys) {
        const hint = didYouMean(key, known) || (known.length === 0 ? '' : ` It may have ${known.join(', ')}.`);
        this.atKey(at, key, `${name} has no key "${key}".${hint}`);
      }
      return;
    }
    const isMissing = issue.code === 'invalid_type' && !hasAt(this.value, at);
    if (isMissing || (issue.code === 'invalid_union' && !hasAt(this.value, at))) {
      this.at(at.slice(0, -1), `${what} needs "${String(issue.path.at(-1))}"`);
      return;
    }
    if (issue.code === 'invalid_union') {
      // Of several shapes, the one that an object comes nearest to has more to say than "none of them".
      const all = issue.errors.flat();
      const nested = all.find(({ code }) => code === 'unrecognized_keys') ?? all.find((inner) => inner.path.length > 0);
      if (nested !== undefined) {
        this.#report(path, { ...nested, path: [...issue.path, ...nested.path] } as z.core.$ZodIssue, what, schema);
        return;
      }
    }
    const value = valueAt(this.value, at);
    const shown = value === undefined ? 'nothing' : show(value);
    const hint = typeof value === 'string' ? didYouMean(value, optionsOf(issue)) : '';
    this.at(at, `${name} ${toSentence(issue.message)}, not ${shown}.${hint}`);
  }

  #add(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push({ line, column: col, message });
  }

  #nodeAt(path: Path): unknown {
    return path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
  }

  /** Of the value, or of the nearest thing around it. */
  #offsetOf(path: Path): number {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const node = this.#nodeAt(path.slice(0, depth)) as Node | undefined;
      if (node?.range) return node.range[0];
    }
    return 0;
  }
}

const NOUNS: Readonly<Record<string, string>> = {
  record: 'an object',
  object: 'an object',
  array: 'a list',
  string: 'text',
};

/** What a schema says, as it goes on after the name of a key. */
export function toSentence(message: string): string {
  if (/^must\b/.test(message)) return message;
  const [, least] = /^Too small: expected \w+ to be >=(\S+)/.exec(message) ?? [];
  if (least !== undefined) return `must be at least ${least}`;
  const [, kind] = /expected (\w+)/.exec(message) ?? [];
  return kind === undefined ? `is wrong: ${message}` : `must be ${NOUNS[kind] ?? `a ${kind}`}`;
}

function optionsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(optionsOf);
  return [];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

const hasAt = (value: unknown, path: Path) => valueAt(value, path) !== undefined;

/** The keys of the object that stands at a path of a schema. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let at = schema as unknown as { def: Record<string, unknown> };
  const open = (node: typeof at): typeof at => {
    const inner = node?.def?.['innerType'] as typeof at | undefined;
    if (inner !== undefined) return open(inner);
    const options = node?.def?.['options'] as (typeof at)[] | undefined;
    return options?.map(open).find((option) => option?.def?.['type'] === 'object') ?? node;
  };
  for (const key of path) {
    at = open(at);
    const { shape, element } = (at?.def ?? {}) as { shape?: Record<PropertyKey, typeof at>; element?: typeof at };
    at = (shape?.[key] ?? element) as typeof at;
    if (at === undefined) return [];
  }
  return Object.keys((open(at)?.def?.['shape'] as object | undefined) ?? {});
}
