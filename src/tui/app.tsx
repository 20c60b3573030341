import { useInput } from 'ink';
import { useEffect } from 'react';
import { toKeys } from './keys.ts';
import { Coloured } from './line.tsx';
import type { ScreenSize, TopState } from './state.ts';
import { type TopPorts, useTop } from './use-top.ts';
import { Screen } from './views/screen.tsx';

export interface AppProps {
  initial: TopState;
  ports: TopPorts;
  size: ScreenSize;
  isColoured: boolean;
  /** Calls back with each batch of lines of the server's log, beginning with those that there are; returns how to stop. */
  followLog?: ((onLines: (lines: readonly string[]) => void) => () => void) | undefined;
}

/** The dashboard: keys and snapshots in, the screen out. */
export function App({ initial, ports, size, isColoured, followLog }: AppProps) {
  const [state, dispatch] = useTop(initial, ports);
  useInput((input, ink) => {
    dispatch({ type: 'keys', keys: toKeys(input, ink) });
  });
  useEffect(() => dispatch({ type: 'resize', size }), [size, dispatch]);
  useEffect(() => followLog?.((lines) => dispatch({ type: 'log', lines })), [followLog, dispatch]);
  return (
    <Coloured value={isColoured}>
      <Screen state={state} />
    </Coloured>
  );
}
