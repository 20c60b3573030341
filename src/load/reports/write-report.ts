import { writeFile } from 'node:fs/promises';
import type { LoadResult } from '../result.ts';

/** Writes a report; the ending of the file says which. */
export async function writeReport(result: LoadResult, path: string): Promise<void> {
  await writeFile(path, await renderReport(result, path));
}

async function renderReport(result: LoadResult, path: string): Promise<string> {
  if (path.endsWith('.html')) return (await import('./html.ts')).renderHtml(result);
  if (path.endsWith('.xml')) return (await import('./junit.ts')).renderJUnit(result);
  if (path.endsWith('.md')) return (await import('./markdown.ts')).renderMarkdown(result);
  return `${JSON.stringify(result, null, 2)}\n`;
}
