import { VIEWS, type ViewName } from '../../contract/snapshot.ts';
import { count, safe } from '../format.ts';
import { joinParts, type LineOfSpans, type Span, span, spreadLine, widthOfLine } from '../spans.ts';
import { placeOf, type TopState } from '../state.ts';

const NAMES: Readonly<Record<ViewName, string>> = {
  rooms: 'Rooms',
  sockets: 'Sockets',
  users: 'Users',
  events: 'Events',
  refusals: 'Refusals',
};

/** Kept free for the position of the cursor. */
const POSITION_WIDTH = 14;

/** Where one is, where else one could be, and what of it is shown. */
export function renderTabs(state: TopState): LineOfSpans {
  const { columns } = state.size;
  const room = columns - POSITION_WIDTH;
  const all = tabsOf(state, (view) => ` ${NAMES[view]}`);
  const left = widthOfLine(all) <= room ? all : tabsOf(state, (view) => (view === state.view ? ` ${NAMES[view]}` : ''));
  const right = joinParts(shownOf(state), Math.max(0, columns - widthOfLine(left) - 2));
  return spreadLine(left, right, columns);
}

function tabsOf(state: TopState, nameOf: (view: ViewName) => string): LineOfSpans {
  const tabs = VIEWS.flatMap((view, at): Span[] => [
    ...(at === 0 ? [] : [span(' ')]),
    ...(view === state.view
      ? [span('['), span(`${at + 1}${nameOf(view)}`, 'strong'), span(']')]
      : [span(` ${at + 1}`, 'dim'), span(`${nameOf(view)} `)]),
  ]);
  const trail = state.inner.flatMap(({ within }): Span[] =>
    within === undefined
      ? []
      : [span(' › ', 'dim'), span(safe('room' in within ? within.room : within.user), 'accent')],
  );
  return [...tabs, ...trail];
}

function shownOf(state: TopState): LineOfSpans[] {
  const { filter } = placeOf(state);
  const { page } = state;
  const parts: LineOfSpans[] = [];
  if (page !== undefined) {
    const position = page.matching === 0 ? '0' : `${count(placeOf(state).cursor + 1)}/${count(page.matching)}`;
    parts.push([span(filter === '' ? position : `${position} of ${count(page.all)}`, 'dim')]);
  }
  if (filter !== '') parts.push([span(`/${safe(filter)}`, 'warn')]);
  return parts;
}
