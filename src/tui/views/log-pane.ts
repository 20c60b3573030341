import { safe } from '../format.ts';
import { cutLine, type LineOfSpans, span } from '../spans.ts';
import type { TopState } from '../state.ts';

/** The last lines of the server's log, under a rule. */
export function renderLogPane({ size: { columns }, log }: TopState, height: number): LineOfSpans[] {
  return [
    [span(`── log ${'─'.repeat(Math.max(0, columns - 7))}`, 'dim')],
    ...log.slice(1 - height).map((line) => cutLine([span(safe(line))], columns)),
  ];
}
