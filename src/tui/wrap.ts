import { widthOf } from '../contract/width.ts';
import { clustersOf } from './format.ts';

/** Safe text in lines of a width, broken at a blank; where none is near, anywhere but inside a character, as in ids. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const cluster of clustersOf(text)) {
    const next = widthOf(cluster);
    if (used + next > width && line !== '') {
      const blank = cluster === ' ' ? line.length : line.lastIndexOf(' ');
      const isNear = blank > line.length / 2;
      lines.push(isNear ? line.slice(0, blank) : line);
      line = isNear ? line.slice(blank + 1) : '';
      used = widthOf(line);
      if (cluster === ' ') continue;
    }
    line += cluster;
    used += next;
  }
  return [...lines, line];
}
