import { printable, shorten } from '../contract/printable.ts';

/** A value that is repeated in quotes, or a word that is no word. */
const LONG = /(?<=^|[\s([])(?:"(?:[^"\\\n]|\\.){119,}"|'[^'\n]{119,}'|\S{256,})/gm;
/** Longer than a path may be: what is to be copied stays whole. */
const ENDLESS = /\S{4097,}/g;

/** A message as it is printed: it has lines, and what is in them may come from anybody. */
export const toMessageText = (message: string): string => message.split('\n').map(printable).join('\n');

/** Of an error: a value that would fill the screen hides what is said about it, and is repeated by its beginning alone. */
export const shortenWords = (text: string): string => text.replace(LONG, shorten);

/** Of anything else that is said to a person. */
export const shortenEndless = (text: string): string => text.replace(ENDLESS, shorten);
