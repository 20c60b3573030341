import { truncate, widthOf } from './format.ts';

/** Safe text in lines of a width, broken anywhere: ids and JSON have no words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (widthOf(rest) > width) {
    const line = truncate(rest, width + 1).slice(0, -1);
    if (line === '') break;
    lines.push(line);
    rest = rest.slice(line.length);
  }
  return [...lines, rest];
}
