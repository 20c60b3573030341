import { layOut } from '../layout.ts';
import { fillDown, type LineOfSpans } from '../spans.ts';
import type { TopState } from '../state.ts';
import { renderDetail } from './detail.ts';
import { renderFooter } from './footer.ts';
import { renderHeader } from './header.ts';
import { renderHelp } from './help.ts';
import { renderLogPane } from './log-pane.ts';
import { renderTable } from './table.ts';
import { renderTabs } from './tabs.ts';

/** The whole screen, line by line. */
export function renderScreen(state: TopState): LineOfSpans[] {
  const { rows, explanation, log } = layOut(state);
  const height = 1 + rows + explanation;
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
  if (overlay?.kind === 'help') return renderHelp(state, overlay.top, height);
  if (overlay?.kind === 'detail') return renderDetail(state, overlay, height);
  return renderTable(state);
}
