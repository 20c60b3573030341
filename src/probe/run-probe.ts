import { diagnose, type Report } from './diagnose.ts';
import type { ProbeOptions } from './target.ts';
import { tryAll } from './try-all.ts';

export { renderReport } from './render.ts';
export type { Report };

/** Tries to connect, and says why where that is refused. */
export async function runProbe(options: ProbeOptions): Promise<Report> {
  return diagnose(await tryAll(options), Date.now());
}
