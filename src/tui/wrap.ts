import { clustersOf, widthOf } from './format.ts';

/** Safe text in lines of a width, broken anywhere but inside a character: ids and JSON have no words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const cluster of clustersOf(text)) {
    const next = widthOf(cluster);
    if (used + next > width && line !== '') {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += cluster;
    used += next;
  }
  return [...lines, line];
}
