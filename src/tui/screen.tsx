import { Box, Text, useInput } from 'ink';
import { memo, useSyncExternalStore } from 'react';
import type { Dashboard } from './dashboard.ts';
import { toKeys } from './keys.ts';
import type { LineOfSpans } from './spans.ts';
import type { TopState } from './state.ts';
import { styleOf } from './styles.ts';
import { renderScreen } from './views/screen.ts';

/** The dashboard in Ink: keys in, the screen out. */
export function App({ dashboard, isColoured }: { dashboard: Dashboard; isColoured: boolean }) {
  const state = useSyncExternalStore(dashboard.subscribe, dashboard.state);
  useInput((input, ink) => dashboard.dispatch({ type: 'keys', keys: toKeys(input, ink) }));
  return <Screen state={state} isColoured={isColoured} />;
}

/** A state in, text out. */
export function Screen({ state, isColoured }: { state: TopState; isColoured: boolean }) {
  return (
    <Box flexDirection="column" width={state.size.columns} height={state.size.rows}>
      {renderScreen(state).map((spans, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a screen have no identity but their place
        <Line key={at} spans={spans} isColoured={isColoured} />
      ))}
    </Box>
  );
}

interface LineProps {
  spans: LineOfSpans;
  isColoured: boolean;
}

const Line = memo(function Line({ spans, isColoured }: LineProps) {
  return (
    <Text wrap="truncate">
      {spans.map(({ text, tone = 'plain' }, at) => {
        const { colour, isBold = false, isDim = false, isInverse = false } = styleOf(tone, isColoured);
        return (
          <Text
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have no identity but their place
            key={at}
            bold={isBold}
            dimColor={isDim}
            inverse={isInverse}
            {...(colour && { color: colour })}
          >
            {text}
          </Text>
        );
      })}
    </Text>
  );
}, isSameLine);

function isSameLine(before: LineProps, after: LineProps): boolean {
  return (
    before.isColoured === after.isColoured &&
    before.spans.length === after.spans.length &&
    before.spans.every(({ text, tone }, at) => text === after.spans[at]?.text && tone === after.spans[at]?.tone)
  );
}
