import { Text } from 'ink';
import { createContext, useContext } from 'react';
import type { LineOfSpans } from './spans.ts';

/** False under NO_COLOR: then weight alone tells tones apart. */
export const Coloured = createContext(true);

/** The sixteen colours that every terminal has and its user has chosen; none for common text, so that any background does. */
const COLOURS = { good: 'green', warn: 'yellow', bad: 'red', accent: 'cyan' } as const;

/** One line of the screen. `isSelected` turns its colours round. */
export function Line({ spans, isSelected = false }: { spans: LineOfSpans; isSelected?: boolean }) {
  const coloured = useContext(Coloured);
  if (isSelected) {
    return (
      <Text inverse wrap="truncate">
        {spans.map(({ text }) => text).join('')}
      </Text>
    );
  }
  return (
    <Text wrap="truncate">
      {spans.map(({ text, tone = 'plain' }, at) => {
        const colour = coloured && tone in COLOURS ? COLOURS[tone as keyof typeof COLOURS] : undefined;
        return (
          <Text
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have no identity but their place
            key={at}
            bold={tone === 'strong' || tone === 'bad'}
            dimColor={tone === 'dim'}
            {...(colour && { color: colour })}
          >
            {text}
          </Text>
        );
      })}
    </Text>
  );
}
