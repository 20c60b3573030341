import { printable, shorten } from '../contract/printable.ts';
import type { Io } from './io.ts';

/**
 * What is said to a person, in the words that were typed: a command to try as `npx rtserver …` for whoever runs it so, and a
 * word that would fill the screen by its beginning alone, since it would hide what is said about it.
 *
 * @param commands their names
 */
export function createWording(
  env: Io['env'],
  argv: readonly string[],
  commands: readonly string[],
): (text: string) => string {
  const long = argv
    .flatMap((word) => [word, word.slice(word.indexOf('=') + 1)])
    .filter((word) => shorten(word) !== word)
    .flatMap((word) => [word, printable(word)]);
  // The first variable alone is also there in what anything else that npx runs has started.
  const isThroughNpx =
    env['npm_lifecycle_event'] === 'npx' && /^['"]?rtserver\b/.test(env['npm_lifecycle_script'] ?? '');
  // "another rtserver" is none to type.
  const command = new RegExp(`(?<![\\w./-]|npx )rtserver (?=${[...commands, '<command>', '--'].join('|')})`, 'g');
  return (text) => {
    // A function, because `$&` in what was typed is nothing but text.
    const said = long.reduce((before, word) => before.replaceAll(word, () => shorten(word)), text);
    return isThroughNpx ? said.replace(command, 'npx $&') : said;
  };
}
