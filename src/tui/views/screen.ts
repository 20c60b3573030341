import { layOut, mainHeight } from '../layout.ts';
import { cutLine, fillDown, type LineOfSpans } from '../spans.ts';
import type { TopState } from '../state.ts';
import { renderFooter } from './footer.ts';
import { renderHeader } from './header.ts';
import { renderLogPane } from './log-pane.ts';
import { renderOverlay, topOfOverlay } from './overlay.ts';
import { renderTable } from './table.ts';
import { renderTabs } from './tabs.ts';

/** The whole screen, line by line. */
export function renderScreen(state: TopState): LineOfSpans[] {
  const { log } = layOut(state);
  const height = mainHeight(state);
  const above = [
    ...renderHeader(state),
    renderTabs(state),
    ...fillDown(renderMain(state, height), height),
    ...(log > 0 ? fillDown(renderLogPane(state, log), log) : []),
  ];
  // However low the screen is, the last line is for what is asked and typed.
  return [...fillDown(above, Math.max(0, state.size.rows - 1)), renderFooter(state)];
}

function renderMain(state: TopState, height: number): LineOfSpans[] {
  const { overlay } = state;
  if (overlay?.kind !== 'help' && overlay?.kind !== 'detail') return renderTable(state);
  const top = topOfOverlay(state, overlay, overlay.top);
  return renderOverlay(state, overlay)
    .slice(top, top + height)
    .map((line) => cutLine(line, state.size.columns));
}
