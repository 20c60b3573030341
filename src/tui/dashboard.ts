import type { Watch, WatchListener } from '../client/watch.ts';
import { type TopEvent, update } from './model.ts';
import { queryOf } from './query.ts';
import type { Effect, TopState } from './state.ts';

/** What a dashboard lives on. */
export interface DashboardPorts {
  /** Begins to watch a server. */
  watch(listener: WatchListener): Watch;
  /** Does what was asked for, and tells what came of it through `dispatch`. */
  perform(effect: Effect, dispatch: Dispatch): void;
}

export type Dispatch = (event: TopEvent) => void;

/** The state of a dashboard that is live. Whoever creates it closes it. */
export interface Dashboard {
  state(): TopState;
  dispatch: Dispatch;
  /** Calls back after each change; returns how to stop. */
  subscribe(onChange: () => void): () => void;
  close(): void;
}

const TICK_MS = 1_000;

/** Watches a server from now on. It knows nothing of how its state is shown. */
export function createDashboard(initial: TopState, ports: DashboardPorts): Dashboard {
  const listeners = new Set<() => void>();
  let state = initial;

  const dispatch: Dispatch = (event) => {
    const before = state;
    const [after, effects] = update(before, event, Date.now());
    state = after;
    if (after.queryId !== before.queryId) ask();
    for (const effect of effects) ports.perform(effect, dispatch);
    for (const listener of [...listeners]) listener();
  };

  // Early events come before the watch is at hand, and change no query.
  let watch: Watch | undefined;
  const ask = () => watch?.ask({ ...queryOf(state), id: state.queryId });
  watch = ports.watch({
    welcome: (welcome) => dispatch({ type: 'welcome', welcome }),
    snapshot: (snapshot) => dispatch({ type: 'snapshot', snapshot }),
    status: (status) => dispatch({ type: 'status', status }),
  });
  ask();
  const timer = setInterval(() => {
    // While snapshots come, they move the clocks on the screen.
    if (Date.now() - state.now >= TICK_MS) dispatch({ type: 'tick' });
  }, TICK_MS);

  return {
    state: () => state,
    dispatch,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
    close() {
      clearInterval(timer);
      watch?.close();
    },
  };
}
