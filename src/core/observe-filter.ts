import { readFieldWord, wordsOfFilter } from '../contract/filter.ts';

/** What a row is looked at by: fields to text, a number, or several texts. */
export type Fields<Item, Name extends string = string> = Readonly<
  Record<Name, (item: Item) => string | number | readonly string[]>
>;

type Test<Item> = (item: Item) => boolean;

/** Longer filters are cut: nobody types them. */
const CHARACTERS_MAX = 200;

/**
 * The test that a filter stands for: its words must all hold. `alice` is in any field, `user:alice` in that one,
 * `sockets>3` compares; `!` before a word turns it round. A word that names no field is looked for as it stands, so that
 * `protocol:7` finds the room of that name.
 *
 * @returns `undefined` for a filter that everything passes
 */
export function parseFilter<Item>(filter: string, fields: Fields<Item>): Test<Item> | undefined {
  const tests = wordsOfFilter(filter.slice(0, CHARACTERS_MAX)).flatMap((word) => parseWord(word, fields) ?? []);
  if (tests.length === 0) return undefined;
  return (item) => tests.every((test) => test(item));
}

function parseWord<Item>(word: string, fields: Fields<Item>): Test<Item> | undefined {
  if (word.startsWith('!')) {
    const test = parseWord(word.slice(1), fields);
    return test && ((item) => !test(item));
  }
  if (word === '') return undefined;
  const about = readFieldWord(word);
  const read = about !== undefined && Object.hasOwn(fields, about.name) ? fields[about.name] : undefined;
  if (about === undefined || read === undefined) {
    const readers = Object.values(fields);
    return (item) => readers.some((each) => has(each(item), word));
  }
  const { sign, value } = about;
  // While it is being typed: `user:` alone hides nothing.
  if (value === '') return undefined;
  if (sign === ':') return (item) => has(read(item), value);
  if (sign === '=') return (item) => is(read(item), value);
  const limit = Number(value);
  return (item) => {
    const found = read(item);
    const number = Array.isArray(found) ? found.length : Number(found);
    return sign === '>' ? number > limit : number < limit;
  };
}

function has(found: string | number | readonly string[], wanted: string): boolean {
  if (typeof found === 'number') return String(found) === wanted;
  if (typeof found === 'string') return found.toLowerCase().includes(wanted);
  return found.some((each) => each.toLowerCase().includes(wanted));
}

function is(found: string | number | readonly string[], wanted: string): boolean {
  if (typeof found === 'object') return found.some((each) => each.toLowerCase() === wanted);
  return String(found).toLowerCase() === wanted;
}
