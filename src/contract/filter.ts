import { didYouMean } from './did-you-mean.ts';
import type { ViewName } from './snapshot.ts';

/** What a filter can look at in each view. */
export const FILTER_FIELDS = {
  rooms: ['room', 'sockets', 'users', 'events'],
  sockets: ['user', 'id', 'room', 'rooms', 'transport', 'address', 'buffered', 'events'],
  users: ['user', 'sockets', 'events'],
  events: ['event', 'target', 'direction', 'recipients', 'payload'],
  refusals: ['code', 'user', 'kind', 'address', 'origin', 'id'],
} as const satisfies Record<ViewName, readonly string[]>;

export type FilterField<View extends ViewName> = (typeof FILTER_FIELDS)[View][number];

/** A word of a filter that is about one field. */
const FIELD_WORD = /^(?<name>[a-z]+)(?<sign>[:=<>])(?<value>.*)$/;
/** With a colon after them they are the beginning of a room's name, and no field that is meant. */
const ROOM_PREFIXES = ['protocol', 'user'];

export interface FieldWord {
  name: string;
  sign: string;
  value: string;
}

/** The words of a filter; case does not matter. */
export function wordsOfFilter(filter: string): string[] {
  return filter.toLowerCase().split(/\s+/).filter(Boolean);
}

/** @returns `undefined` for a word that is looked for in all fields */
export function readFieldWord(word: string): FieldWord | undefined {
  const { name, sign = '', value = '' } = FIELD_WORD.exec(word)?.groups ?? {};
  return name === undefined ? undefined : { name, sign, value };
}

/** Why a filter does not do what it seems to: the first of its words that is about no field, or compares with no number. */
export function filterProblem(view: ViewName, filter: string): string | undefined {
  const fields: readonly string[] = FILTER_FIELDS[view];
  for (const word of wordsOfFilter(filter)) {
    const { name, sign, value } = readFieldWord(word.replace(/^!+/, '')) ?? {};
    if (name === undefined || value === undefined) continue;
    const isRoom = sign === ':' && ROOM_PREFIXES.includes(name);
    if (!fields.includes(name) && !isRoom) {
      const meant = didYouMean(name, fields);
      // Text may have a colon in it: `order:created` is the name of an event.
      if (sign !== ':' || meant !== '') return `${view} have no field "${name}".${meant}`;
    }
    const isOrder = sign === '<' || sign === '>';
    if (isOrder && Number.isNaN(Number(value))) return `${name}${sign} takes a number, and "${value}" is none`;
  }
  return undefined;
}
