import { completionsOf, runCommand } from './commands.ts';
import type { Key } from './keys.ts';
import { changePlace, type Prompt, placeOf, type Step, step, TOP, type TopState } from './state.ts';

const CHARACTERS_MAX = 2_000;

export function openFilter(state: TopState): TopState {
  const { filter } = placeOf(state);
  return { ...state, prompt: { kind: 'filter', text: filter, before: filter, completion: undefined } };
}

export function openCommand(state: TopState, text = ''): TopState {
  return { ...state, prompt: { kind: 'command', text, before: '', completion: undefined } };
}

/** A key while something is being typed. */
export function onPromptKey(state: TopState, prompt: Prompt, key: Key): Step {
  const edit = (text: string) =>
    step(withText(state, { ...prompt, text: text.slice(0, CHARACTERS_MAX), completion: undefined }));
  if (key.text !== undefined) return edit(prompt.text + key.text);
  switch (key.name) {
    case 'esc':
    case 'ctrl-c':
      return step({ ...withText(state, { ...prompt, text: prompt.before }), prompt: undefined });
    case 'enter':
      if (prompt.kind === 'filter') return step({ ...state, prompt: undefined });
      return runCommand({ ...state, prompt: undefined }, prompt.text);
    case 'backspace':
      // Backspace on nothing leaves, as in vi.
      if (prompt.text === '') return step({ ...state, prompt: undefined });
      return edit([...prompt.text].slice(0, -1).join(''));
    case 'ctrl-u':
      return edit('');
    case 'ctrl-w':
      return edit(prompt.text.replace(/\S+\s*$/, ''));
    case 'tab':
    case 'shift-tab':
      return step({ ...state, prompt: complete(state, prompt, key.name === 'tab' ? 1 : -1) });
    default:
      return step(state);
  }
}

/** A filter takes effect while it is being typed. */
function withText(state: TopState, prompt: Prompt): TopState {
  const next = { ...state, prompt };
  return prompt.kind === 'filter' ? changePlace(next, { filter: prompt.text, ...TOP }) : next;
}

/** The next word that would go here; past the last one, what was typed. */
function complete(state: TopState, prompt: Prompt, direction: 1 | -1): Prompt {
  if (prompt.kind !== 'command') return prompt;
  const completion = prompt.completion ?? { ...completionsOf(state, prompt.text), at: -1 };
  const count = completion.words.length;
  if (count === 0) return prompt;
  const at = (completion.at + direction + count) % count;
  return { ...prompt, completion: { ...completion, at }, text: completion.stem + completion.words[at] };
}
