import { FILTER_FIELDS, filterProblem } from '../../contract/filter.ts';
import { safe, truncate, truncateStart } from '../format.ts';
import { cutLine, joinParts, type LineOfSpans, type Span, span, widthOfLine } from '../spans.ts';
import { type Prompt, placeOf, type TopState } from '../state.ts';

const NARROW = 60;

/** The last line: what is being typed, what was said, what is asked, or which keys there are. */
export function renderFooter(state: TopState): LineOfSpans {
  return cutLine(contentOf(state), state.size.columns);
}

function contentOf(state: TopState): LineOfSpans {
  const { prompt, overlay, notice, size } = state;
  if (prompt !== undefined) return promptLine(state, prompt);
  if (overlay?.kind === 'confirm') {
    const answers =
      size.columns < NARROW
        ? [span('  y/n')]
        : [span('  y '), span('yes', 'dim'), span('   any other key '), span('no', 'dim')];
    // The name in it may be long; how to answer must be seen.
    return [span(truncate(overlay.question, size.columns - widthOfLine(answers)), 'bad'), ...answers];
  }
  if (overlay?.kind === 'leave') {
    return [
      span('Stop the server as well?   ', 'bad'),
      ...keys([
        ['y', 'stop it'],
        ['n', 'let it run'],
        ['esc', 'stay'],
      ]),
    ];
  }
  if (notice !== undefined) return [span(notice.text, notice.tone)];
  if (state.status.state === 'lost')
    return [span(`${safe(state.status.reason)}; trying again. This is the last picture.`, 'bad')];
  if (overlay !== undefined)
    return keys([['esc', 'back'], ['j k', 'scroll'], ...(overlay.kind === 'detail' ? [['c', 'copy'] as const] : [])]);
  return joinParts(
    keysOf(state).map(([key, does]) => [span(key, 'strong'), span(` ${does}`, 'dim')]),
    size.columns,
    '  ',
  );
}

function keysOf(state: TopState): (readonly [string, string])[] {
  const { view } = placeOf(state);
  const mayAct = !state.options.isReadOnly;
  return [
    ...(mayAct ? [] : [['read-only', ''] as const]),
    ['?', 'help'],
    ['/', 'filter'],
    ['o', `sort: ${placeOf(state).sort}`],
    ['q', 'quit'],
    ['space', state.paused === undefined ? 'pause' : 'go on'],
    ['enter', 'open'],
    ...(mayAct && (view === 'sockets' || view === 'users') ? [['x', 'kick'] as const] : []),
    ...(mayAct && view !== 'events' && view !== 'refusals' ? [['e', 'emit'] as const] : []),
    ...(view === 'events' ? [['p', state.hasPayloads ? 'hide payloads' : 'payloads'] as const] : []),
    ...(state.options.isOwnServer ? [['l', 'log'] as const] : []),
    ['c', 'copy'],
    [':', 'command'],
  ];
}

function keys(pairs: readonly (readonly [string, string])[]): LineOfSpans {
  return pairs.flatMap(([key, does], at) => [span(at === 0 ? '' : '  '), span(key, 'strong'), span(` ${does}`, 'dim')]);
}

/** With the end of the text, and where the next character goes, always in sight; then what Tab has to offer, or what is wrong. */
function promptLine(state: TopState, { kind, text, completion }: Prompt): LineOfSpans {
  const shown = truncateStart(safe(text), state.size.columns - 3);
  const offers = completion?.words.map(
    (word, at): Span => span(`  ${safe(word)}`, at === completion.at ? 'accent' : 'dim'),
  );
  const after = kind === 'filter' ? filterAdvice(state, text) : (offers ?? []);
  return [span(kind === 'filter' ? '/' : ':', 'strong'), span(shown), span('▏', 'accent'), ...after];
}

function filterAdvice(state: TopState, filter: string): LineOfSpans {
  const { view } = placeOf(state);
  const problem = filterProblem(view, filter);
  if (problem === undefined) return [];
  return [span(`  ${safe(problem)}`, 'warn'), span(`  fields: ${FILTER_FIELDS[view].join(' ')}`, 'dim')];
}
