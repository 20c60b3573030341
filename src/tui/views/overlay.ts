import { mainHeight } from '../layout.ts';
import type { LineOfSpans } from '../spans.ts';
import type { Overlay, TopState } from '../state.ts';
import { renderDetail } from './detail.ts';
import { renderHelp } from './help.ts';

export type ScrolledOverlay = Overlay & { kind: 'help' | 'detail' };

/** All of what is shown in place of the table, however long. */
export function renderOverlay(state: TopState, overlay: ScrolledOverlay): LineOfSpans[] {
  return overlay.kind === 'help' ? renderHelp(state) : renderDetail(state, overlay);
}

/** The line that is first on the screen where that one was wanted: its last lines end at the screen's. */
export function topOfOverlay(state: TopState, overlay: ScrolledOverlay, wanted: number): number {
  const lowest = renderOverlay(state, overlay).length - mainHeight(state);
  return Math.max(0, Math.min(wanted, lowest));
}
