import { type LineOfSpans, span, widthOfLine } from '../spans.ts';
import type { TopState } from '../state.ts';
import { wrap } from '../wrap.ts';

/** What `acts` is off where one may only look. */
const KEYS: readonly (readonly [key: string, does: string, acts?: 'acts'])[] = [
  ['1 to 5, tab', 'rooms, sockets, users, events, refusals'],
  ['j k, arrows', 'move; PgUp PgDn, ctrl-u ctrl-d, g G'],
  ['enter, esc', 'open the row, go back'],
  ['/', 'filter: alice  user:ali  sockets>3  !polling'],
  ['o, O', 'sort by the next column, the other way round'],
  ['space', 'the picture stands; events that you miss are counted'],
  ['x, e', 'kick the selected one, emit to it', 'acts'],
  ['c', 'copy the id (of a refusal: its correlation id)'],
  ['p', 'keep and show the payloads of events'],
  ['l', 'the log of the server (start --tui)'],
  ['q, ctrl-c', 'quit; ctrl-z stops the job, ctrl-l draws anew'],
];

const COMMANDS: readonly (readonly [text: string, acts?: 'acts'])[] = [
  [':rooms  :sockets  :users  :events  :refusals'],
  [':filter WORDS  :sort FIELD'],
  [':kick USER  or  :kick socket:ID', 'acts'],
  [':emit user:ID EVENT {"json": 1}', 'acts'],
  ['  (or to room:NAME, socket:ID, all)', 'acts'],
  [':pause  :resume  :payloads  :copy  :help  :q'],
];

const KEY_WIDTH = 13;
const SIDE_BY_SIDE = 120;
const COMMANDS_AT = 70;

/** All keys and commands, side by side where there is room for that. Tab completes a command. */
export function renderHelp({ size: { columns }, options: { isReadOnly } }: TopState): LineOfSpans[] {
  const isOffered = (acts?: 'acts') => acts === undefined || !isReadOnly;
  const keys = KEYS.filter(([, , acts]) => isOffered(acts)).flatMap(([key, does]) =>
    wrap(does, Math.max(8, columns - KEY_WIDTH)).map(
      (part, at): LineOfSpans => [span((at === 0 ? key : '').padEnd(KEY_WIDTH), 'accent'), span(part)],
    ),
  );
  const commands = COMMANDS.filter(([, acts]) => isOffered(acts))
    .flatMap(([text]) => wrap(text, columns))
    .map((text): LineOfSpans => [span(text)]);
  if (columns < SIDE_BY_SIDE) return [...keys, [], ...commands];
  return Array.from({ length: Math.max(keys.length, commands.length) }, (_, at) =>
    sideBySide(keys[at] ?? [], commands[at] ?? []),
  );
}

function sideBySide(left: LineOfSpans, right: LineOfSpans): LineOfSpans {
  return [...left, span(' '.repeat(Math.max(1, COMMANDS_AT - widthOfLine(left)))), ...right];
}
