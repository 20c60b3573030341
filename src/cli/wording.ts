import type { Io } from './io.ts';
import { shortenEndless } from './message-text.ts';

/**
 * What is said to a person: a command to try as `npx rtserver …` for whoever runs it so, and a word without end by
 * its beginning alone.
 *
 * @param commands their names
 */
export function createWording(env: Io['env'], commands: readonly string[]): (text: string) => string {
  // The first variable alone is also there in what anything else that npx runs has started.
  const isThroughNpx =
    env['npm_lifecycle_event'] === 'npx' && /^['"]?rtserver\b/.test(env['npm_lifecycle_script'] ?? '');
  // "another rtserver" is none to type.
  const command = new RegExp(`(?<![\\w./-]|npx )rtserver (?=${[...commands, '<command>', '--'].join('|')})`, 'g');
  return (text) => (isThroughNpx ? shortenEndless(text).replace(command, 'npx $&') : shortenEndless(text));
}
