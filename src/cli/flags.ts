import { type Command, InvalidArgumentError, Option } from 'commander';
import { didYouMean } from '../contract/did-you-mean.ts';
import { isProtocolRoom, isRoomName, protocolIdOf } from '../contract/rooms.ts';
import { formatDuration, parseDuration } from '../contract/units.ts';

/*
 * Parsers of flags. Real ones: `Number` as a parser turns rubbish into a silent NaN. A flag that may be given several times
 * takes one value each time, because `--user 42 event.json` must not take the file for a second user.
 */

function toInteger(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function toCount(text: string): number {
  const value = toInteger(text);
  if (value < 1) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

export function toWorkers(text: string): number | 'auto' {
  return text === 'auto' ? text : toCount(text);
}

export function toPort(text: string): number {
  const value = toInteger(text);
  if (value > 65_535) throw new InvalidArgumentError('It must be 0 (any free port) to 65535.');
  return value;
}

export function toDurationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError('It must be a duration such as 500ms, 60s, 5m or 1h.');
  return ms;
}

export function toUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:https?|wss?):$/.test(url.protocol)) {
    throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:3000.');
  }
  return text;
}

export function toName(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

export function toUserId(text: string): string {
  if (text.length < 1 || text.length > 128) throw new InvalidArgumentError('It must have 1 to 128 characters.');
  return text;
}

export function toRoom(text: string): string {
  if (isProtocolRoom(text) && protocolIdOf(text) === '') {
    throw new InvalidArgumentError('The id of the protocol is missing: it must be protocol:<id>.');
  }
  if (!isRoomName(text)) {
    throw new InvalidArgumentError('It must have 1 to 128 characters, none of them a space or a control character.');
  }
  return text;
}

/** For a flag that may be given several times. */
export function each<Value>(parse: (text: string) => Value): (text: string, before?: readonly Value[]) => Value[] {
  return (text, before = []) => [...before, parse(text)];
}

/** One word of a few, for an argument. */
export function oneOf<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.${didYouMean(text, words)}`);
  };
}

/** A duration with a default, which the help shows as it would be typed. */
export function durationOption(flags: string, description: string, defaultMs: number): Option {
  return new Option(flags, description).argParser(toDurationMs).default(defaultMs, formatDuration(defaultMs));
}

export interface JsonFlag {
  json?: true;
}

export function addJsonFlag(command: Command, what: string): void {
  command.option('--json', what);
}

/** How to reach a server, and as whom. */
export interface ServerFlags {
  url?: string;
  token?: string;
  secret?: string;
  config?: string;
}

/** @param otherwise where the server is that `--url` does not name, in the order of looking */
export function addServerFlags(
  command: Command,
  otherwise = 'RTSERVER_URL, the one started in this folder, the configured port (3000)',
): void {
  command
    .option('--url <url>', `the server; else ${otherwise}`, toUrl)
    .option('--token <token>', 'a token to use as it is; else RTSERVER_TOKEN, or one made with the secret', toName);
  addSecretFlags(command);
}

export function addSecretFlags(command: Command): void {
  command
    .option('--secret <secret>', 'the secret of the tokens: a value, @file or env:NAME', toName)
    .option('--config <file>', 'a configuration file; else RTSERVER_CONFIG, rtserver.config.* in this folder', toName);
}

/** Examples at the end of a command's help. */
export function addExamples(command: Command, examples: readonly string[]): void {
  command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
}
