import { StringDecoder } from 'node:string_decoder';
import { ESCAPE, type Key, scanKey } from './keys.ts';

/** Makes keys of what a terminal sends, in whatever pieces that comes. */
export interface KeyReader {
  read(chunk: Buffer): void;
  close(): void;
}

const PASTE_BEGIN = '\x1b[200~';
const PASTE_END = '\x1b[201~';
/** The rest of a key's sequence comes sooner than anybody presses another key. */
const SEQUENCE_MS = 50;
/** Who pastes sends the end of it as well; should that be lost, the keyboard must not be. */
const PASTE_MS = 2_000;

/** @param onKeys is given the keys of one piece of input together: what is typed faster than it is read comes so */
export function createKeyReader(onKeys: (keys: readonly Key[]) => void): KeyReader {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isPasting = false;
  let timer: NodeJS.Timeout | undefined;

  function take(isAll: boolean): void {
    const keys: Key[] = [];
    while (rest !== '') {
      const next = isPasting ? scanPasted(rest, isAll) : (scanKey(rest) ?? (isAll ? ESCAPE : undefined));
      if (next === undefined) break;
      const taken = rest.slice(0, next.length);
      if (taken === PASTE_BEGIN || taken === PASTE_END) isPasting = taken === PASTE_BEGIN;
      if (next.key !== undefined) keys.push(next.key);
      rest = rest.slice(next.length);
    }
    if (keys.length > 0) onKeys(keys);
  }

  function onSilence(): void {
    take(true);
    isPasting = false;
  }

  return {
    read(chunk) {
      clearTimeout(timer);
      rest += decoder.write(chunk);
      take(false);
      if (isPasting || rest !== '') timer = setTimeout(onSilence, isPasting ? PASTE_MS : SEQUENCE_MS);
    },
    close: () => clearTimeout(timer),
  };
}

/** Pasted text is one line, and nothing in it is a key. What may be the beginning of its end is waited for. */
function scanPasted(input: string, isAll: boolean): ReturnType<typeof scanKey> {
  if (input.startsWith(PASTE_END)) return { key: undefined, length: PASTE_END.length };
  const end = input.indexOf(PASTE_END);
  const length = end >= 0 ? end : isAll ? input.length : input.length - overlap(input, PASTE_END);
  if (length === 0) return undefined;
  return { key: { text: input.slice(0, length).replace(/\p{Cc}+/gu, ' '), isPasted: true }, length };
}

/** How much of a word's beginning a text ends with. */
function overlap(text: string, word: string): number {
  let length = Math.min(text.length, word.length - 1);
  while (!text.endsWith(word.slice(0, length))) length--;
  return length;
}
