import type { Snapshot } from '../contract/snapshot.ts';
import { count } from './format.ts';
import { layOut } from './layout.ts';
import { changePlace, type Page, placeOf, say, type TopState, tableOf } from './state.ts';

const HISTORY = 120;
/** How long a node that is gone is spoken of. */
const GONE_MS = 60_000;

/** A snapshot came. */
export function onSnapshot(state: TopState, snapshot: Snapshot): TopState {
  const { figures, at, query, offset, rows, matching, all, reach = matching, socket, cluster, nextMs = 0 } = snapshot;
  const isAnswer = query === state.queryId;
  // A picture that stands is replaced only by the answer to something that was asked since.
  const isWanted = isAnswer && (state.paused === undefined || state.page?.query !== query);
  const gone = goneNodes(state, snapshot);
  const seen = {
    ...state,
    ...ratesOf(state, snapshot),
    figures,
    at,
    nextMs,
    cluster,
    gone,
    ...(isAnswer && { socket }),
  };
  if (state.paused !== undefined) {
    const missed = figures.received + figures.emitted - state.paused.events;
    seen.paused = { ...state.paused, missed };
    // The figures go on; the ages in the picture do not.
    seen.at = isWanted ? at : state.at;
  }
  return isWanted
    ? followSelection({ ...seen, page: { table: tableOf(state), query, offset, rows, matching, all, reach } })
    : seen;
}

/** A node that has died is known by nobody any more; whoever watches is to notice it all the same. */
function goneNodes({ cluster: before, gone }: TopState, { at, cluster }: Snapshot): TopState['gone'] {
  if (before === undefined || cluster === undefined) return [];
  const isHere = (name: string) => cluster.nodes.some(({ node }) => node === name);
  const lost = before.nodes.filter(({ node, isDraining }) => !isDraining && !isHere(node));
  const kept = gone.filter((each) => at - each.at < GONE_MS && !isHere(each.node));
  return cluster.missingNodes === null ? kept : [...kept, ...lost.map(({ node }) => ({ node, at }))];
}

function ratesOf(state: TopState, { figures, at }: Snapshot): Partial<TopState> {
  const { figures: before } = state;
  const seconds = (at - (state.lastAt ?? at)) / 1_000;
  // A smaller count is that of a new server.
  if (before === undefined || seconds <= 0 || figures.received < before.received) return { lastAt: at };
  return {
    lastAt: at,
    received: [...state.received, (figures.received - before.received) / seconds].slice(-HISTORY),
    delivered: [...state.delivered, (figures.delivered - before.delivered) / seconds].slice(-HISTORY),
    cpuShare: Math.max(0, (figures.cpuMs - before.cpuMs) / 1_000 / seconds),
  };
}

/**
 * Keeps the cursor on the row that it was on, as long as that is on the screen. A cursor that is at the top stays there:
 * one wants to see what comes in, or who is first now.
 */
export function followSelection(state: TopState): TopState {
  const { page } = state;
  if (page === undefined) return state;
  const { cursor, top, selected } = placeOf(state);
  const found = cursor === 0 ? -1 : page.rows.findIndex(({ key }) => key === selected);
  const at = page.offset + found;
  return moveTo(state, found >= 0 && at >= top && at < top + layOut(state).rows ? at : cursor);
}

/** Moves the cursor to a row, scrolling as little as it takes. */
export function moveTo(state: TopState, wanted: number): TopState {
  const { page } = state;
  const { top } = placeOf(state);
  const { rows } = layOut(state);
  const reach = page?.reach ?? 0;
  const cursor = Math.max(0, Math.min(wanted, reach - 1));
  const lowest = Math.max(0, Math.min(cursor, reach - rows));
  const scrolled = Math.min(lowest, Math.max(top, cursor - rows + 1));
  const moved = changePlace(state, { cursor, top: scrolled, selected: keyAt(page, cursor) });
  const isBeyond = page !== undefined && wanted >= reach && reach < page.matching;
  return isBeyond ? say(moved, `the first ${count(reach)} can be gone to: filter, or sort the other way round`) : moved;
}

function keyAt(page: Page | undefined, index: number): string | undefined {
  return page?.rows[index - page.offset]?.key;
}
