import { cutLine, type LineOfSpans, span } from '../spans.ts';
import type { TopState } from '../state.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['1 to 5, tab', 'rooms, sockets, users, events, refusals'],
  ['j k, arrows', 'move; PgUp PgDn, ctrl-u ctrl-d, g G'],
  ['enter, esc', 'open the row, go back'],
  ['/', 'filter: alice  user:ali  sockets>3  !polling'],
  ['o, O', 'sort by the next column, the other way round'],
  ['space', 'the picture stands; events that you miss are counted'],
  ['x, e', 'kick the selected one, emit to it'],
  ['c', 'copy the id (of a refusal: its correlation id)'],
  ['p', 'keep and show the payloads of events'],
  ['l', 'the log of the server (start --tui)'],
  ['q, ctrl-c', 'quit'],
];

const COMMANDS: readonly string[] = [
  ':rooms  :sockets  :users  :events  :refusals',
  ':filter WORDS  :sort FIELD',
  ':kick USER  or  :kick socket:ID',
  ':emit user:ID EVENT {"json": 1}',
  '  (or to room:NAME, socket:ID, all)',
  ':pause  :resume  :payloads  :copy  :help  :q',
];

/** All keys and commands, side by side where there is room for that. Tab completes a command. */
export function renderHelp({ size: { columns } }: TopState, top: number, height: number): LineOfSpans[] {
  const keys = KEYS.map(([key, does]): LineOfSpans => [span(key.padEnd(13), 'accent'), span(does)]);
  const commands = COMMANDS.map((text): LineOfSpans => [span(text)]);
  const lines =
    columns >= 120
      ? Array.from({ length: Math.max(keys.length, commands.length) }, (_, at) =>
          sideBySide(keys[at] ?? [], commands[at] ?? [], 70),
        )
      : [...keys, [span(' ')], ...commands];
  const from = Math.min(top, Math.max(0, lines.length - height));
  return lines.slice(from, from + height).map((spans) => cutLine(spans, columns));
}

function sideBySide(left: LineOfSpans, right: LineOfSpans, width: number): LineOfSpans {
  const used = left.reduce((sum, { text }) => sum + text.length, 0);
  return [...left, span(' '.repeat(Math.max(1, width - used))), ...right];
}
