import { useCallback, useEffect, useRef, useState } from 'react';
import type { Watch, WatchListener } from '../client/watch.ts';
import { type TopEvent, update } from './model.ts';
import { queryOf } from './query.ts';
import type { Effect, TopState } from './state.ts';

/** What a dashboard lives on. */
export interface TopPorts {
  /** Begins to watch a server. */
  watch(listener: WatchListener): Watch;
  /** Does what was asked for, and tells what came of it through `dispatch`. */
  perform(effect: Effect, dispatch: Dispatch): void;
}

export type Dispatch = (event: TopEvent) => void;

/** The state of a dashboard that is live, and how to tell it what happened. `initial` and `ports` are those of the first call. */
export function useTop(initial: TopState, ports: TopPorts): [TopState, Dispatch] {
  const [state, show] = useState(initial);
  const latest = useRef(initial);
  const watching = useRef<Watch | undefined>(undefined);
  const given = useRef(ports);

  const dispatch = useCallback<Dispatch>((event) => {
    const before = latest.current;
    const [after, effects] = update(before, event, Date.now());
    latest.current = after;
    show(after);
    if (after.queryId !== before.queryId) watching.current?.ask({ ...queryOf(after), id: after.queryId });
    for (const effect of effects) given.current.perform(effect, dispatch);
  }, []);

  useEffect(() => {
    const watch = given.current.watch({
      welcome: (welcome) => dispatch({ type: 'welcome', welcome }),
      snapshot: (snapshot) => dispatch({ type: 'snapshot', snapshot }),
      status: (status) => dispatch({ type: 'status', status }),
    });
    watching.current = watch;
    watch.ask({ ...queryOf(latest.current), id: latest.current.queryId });
    return () => watch.close();
  }, [dispatch]);

  const isLive = state.status.state === 'live';
  useEffect(() => {
    if (isLive) return;
    // Nothing comes that would move the clock of "lost … ago".
    const timer = setInterval(() => dispatch({ type: 'tick' }), 1_000);
    return () => clearInterval(timer);
  }, [isLive, dispatch]);

  return [state, dispatch];
}
