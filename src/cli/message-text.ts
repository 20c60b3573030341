import { excerpt, printable } from '../contract/printable.ts';

/** A value that is repeated in quotes, or a word that is no word. */
const LONG = /(?<=^|[\s([])(?:"(?:[^"\\\n]|\\.){79,}"|'[^'\n]{79,}'|\S{256,})/gm;

/** A message as it is printed: it has lines, and what is in them may come from anybody and be of any length. */
export function toMessageText(message: string): string {
  return message.split('\n').map(printable).join('\n').replace(LONG, shorten);
}

function shorten(value: string): string {
  const end = /["']$/.exec(value)?.[0] ?? '';
  return `${excerpt(value)}${end}`;
}
