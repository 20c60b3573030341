import { copySelected } from './actions.ts';
import type { Key } from './keys.ts';
import { mainHeight } from './layout.ts';
import { type Overlay, type Step, say, step, type TopState } from './state.ts';
import { type ScrolledOverlay, topOfOverlay } from './views/overlay.ts';

/** A key while something stands in place of the table, or a question is open. */
export function onOverlayKey(state: TopState, overlay: Overlay, key: Key): Step {
  const closed = { ...state, overlay: undefined };
  const answer = key.text ?? key.name;
  switch (overlay.kind) {
    case 'confirm':
      // Only a plain yes: a key that was held down must not kick anybody.
      return answer === 'y' ? step(say(closed, overlay.done), overlay.effect) : step(say(closed, 'left as it is'));
    case 'leave':
      if (answer === 'y') return step(closed, { type: 'quit', interrupted: false, stopsServer: true });
      if (answer === 'n') return step(closed, { type: 'quit', interrupted: false, stopsServer: false });
      return step(closed);
    case 'help':
    case 'detail':
      if (answer === 'c' && overlay.kind === 'detail') return copySelected(state);
      return step(scroll(state, overlay, answer) ?? closed);
  }
}

/** @returns `undefined` for a key that does not scroll */
function scroll(state: TopState, overlay: ScrolledOverlay, answer: string): TopState | undefined {
  const page = Math.max(1, mainHeight(state) - 1);
  const by: Readonly<Record<string, number>> = {
    ...{ j: 1, down: 1, k: -1, up: -1, pagedown: page, pageup: -page, 'ctrl-f': page, 'ctrl-b': -page },
    ...{ 'ctrl-d': Math.ceil(page / 2), 'ctrl-u': -Math.ceil(page / 2) },
    ...{ g: -Infinity, home: -Infinity, G: Infinity, end: Infinity },
  };
  const lines = by[answer];
  if (lines === undefined) return undefined;
  return { ...state, overlay: { ...overlay, top: topOfOverlay(state, overlay, overlay.top + lines) } };
}
