import { didYouMean } from '../contract/did-you-mean.ts';
import { SORTS, VIEWS, type ViewName } from '../contract/snapshot.ts';
import { copySelected, goTo, kick, leave, setPaused, setSort, togglePayloads } from './actions.ts';
import { toEmission } from './emission.ts';
import { safe } from './format.ts';
import { changePlace, placeOf, type Step, say, step, TOP, type TopState } from './state.ts';
import { splitWords } from './words.ts';

interface Command {
  run(state: TopState, words: readonly string[], rest: string): Step;
  /** What the word at this place may be, the first after the name being 0. */
  complete?(state: TopState, at: number): readonly string[];
}

const viewCommands = Object.fromEntries(
  VIEWS.map((view): [ViewName, Command] => [view, { run: (state) => step(goTo(state, view)) }]),
);

/** What can be typed after `:`; the help lists them. */
const COMMANDS: Readonly<Record<string, Command>> = {
  ...viewCommands,
  filter: {
    run: (state, _words, filter) => step(changePlace(state, { filter, ...TOP })),
  },
  sort: {
    run: (state, [field = '']) => step(setSort(state, field)),
    complete: (state) => SORTS[placeOf(state).view],
  },
  kick: {
    run(state, [whom]) {
      if (whom === undefined) return step(say(state, 'kick whom? :kick USER or :kick socket:ID', 'bad'));
      const socketId = /^socket:(?<id>.+)$/.exec(whom)?.groups?.['id'];
      return step(kick(state, socketId === undefined ? { userId: whom } : { socketId }));
    },
    complete: (state) => namesAtHand(state, ''),
  },
  emit: {
    run(state, _words, rest) {
      const result = toEmission(rest);
      if (state.options.isReadOnly) return step(say(state, 'read-only: nothing is sent', 'warn'));
      if ('problem' in result) return step(say(state, result.problem, 'bad'));
      return step(say(state, `sending ${safe(result.request.event)} …`), { type: 'emit', request: result.request });
    },
    complete: (state, at) =>
      at === 0 ? ['all', ...namesAtHand(state, 'user:')] : at === 1 ? (state.welcome?.events ?? []) : [],
  },
  pause: { run: (state) => step(setPaused(state, true)) },
  resume: { run: (state) => step(setPaused(state, false)) },
  payloads: { run: (state) => step(togglePayloads(state)) },
  copy: { run: copySelected },
  help: { run: (state) => step({ ...state, overlay: { kind: 'help', top: 0 } }) },
  q: { run: leave },
  quit: { run: leave },
};

const NAMES = Object.keys(COMMANDS);
const LOOKING = NAMES.filter((name) => name !== 'kick' && name !== 'emit');

export function runCommand(state: TopState, text: string): Step {
  const [name = '', ...words] = splitWords(text);
  if (name === '') return step(state);
  // The shortest beginning that is unambiguous will do: `:ro`.
  const meant = Object.hasOwn(COMMANDS, name) ? [name] : NAMES.filter((each) => each.startsWith(name));
  const [only] = meant;
  if (only === undefined || meant.length > 1) {
    const choice = meant.length > 1 ? `: ${meant.join(', ')}` : `.${didYouMean(name, NAMES)}`;
    return step(say(state, `no command "${safe(name)}"${choice}`, 'bad'));
  }
  return COMMANDS[only]?.run(state, words, text.trimStart().slice(name.length).trim()) ?? step(state);
}

/** What could stand where the text ends. `stem` is the text before it. */
export function completionsOf(state: TopState, text: string): { stem: string; words: readonly string[] } {
  const at = text.lastIndexOf(' ') + 1;
  const [stem, begun] = [text.slice(0, at), text.slice(at)];
  const [name = '', ...before] = splitWords(stem);
  const names = state.options.isReadOnly ? LOOKING : NAMES;
  const candidates = at === 0 ? names : (COMMANDS[name]?.complete?.(state, before.length) ?? []);
  return { stem, words: candidates.filter((word) => word.startsWith(begun) && word !== begun).slice(0, 50) };
}

/** Users and rooms of the rows at hand. */
function namesAtHand({ page }: TopState, userPrefix: string): string[] {
  const names = new Set<string>();
  for (const row of page?.rows ?? []) {
    if ('userId' in row && row.userId !== undefined) names.add(quoted(`${userPrefix}${row.userId}`));
    if ('room' in row && userPrefix !== '') names.add(quoted(`room:${row.room}`));
  }
  return [...names].sort();
}

const quoted = (name: string) => (/[\s"]/.test(name) ? JSON.stringify(name) : name);
