import { printable, shorten } from '../contract/printable.ts';

/** A value that is repeated in quotes, or a word that is no word. */
const LONG = /(?<=^|[\s([])(?:"(?:[^"\\\n]|\\.){119,}"|'[^'\n]{119,}'|\S{256,})/gm;

/** A message as it is printed: it has lines, and what is in them may come from anybody. */
export const toMessageText = (message: string): string => message.split('\n').map(printable).join('\n');

/** What would fill the screen hides what is said about it: its beginning alone. */
export const shortenWords = (text: string): string => text.replace(LONG, shorten);
