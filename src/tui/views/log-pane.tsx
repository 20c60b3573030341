import { Box } from 'ink';
import { safe } from '../format.ts';
import { Line } from '../line.tsx';
import { cutLine, span } from '../spans.ts';
import type { TopState } from '../state.ts';

/** The last lines of the server's log, under a rule. */
export function LogPane({ state, height }: { state: TopState; height: number }) {
  const { columns } = state.size;
  const lines = state.log.slice(-(height - 1));
  return (
    <Box flexDirection="column" height={height}>
      <Line spans={[span(`── log ${'─'.repeat(Math.max(0, columns - 7))}`, 'dim')]} />
      {lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
        <Line key={at} spans={cutLine([span(safe(line))], columns)} />
      ))}
    </Box>
  );
}
