import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { readInput } from './read-input.ts';

/** Says what has changed between two JSON reports of `load`; fails where it has become worse. */
export async function compareReports(context: Context, files: readonly string[], isJson: boolean): Promise<ExitCode> {
  const { output } = context;
  const [before, after] = files;
  if (before === undefined || after === undefined || files.length !== 2) {
    throw usageError('--compare takes two JSON reports', 'Try: rtserver load --compare before.json after.json');
  }
  const { compareResults, renderComparison } = await import('../load/reports/compare.ts');
  const { readResult } = await import('../load/reports/result-schema.ts');
  const next = 'Next: write one with `rtserver load SCENARIO --report FILE.json`.';
  const read = async (file: string) => {
    const text = await readInput(context, file, next);
    try {
      return readResult(text);
    } catch (cause) {
      throw usageError(`${file} is no JSON report of rtserver load: ${(cause as Error).message}`, next, { cause });
    }
  };
  const comparison = compareResults(await read(before), await read(after));
  if (isJson) output.json(comparison);
  else output.line(renderComparison(comparison));
  return comparison.isWorse ? EXIT.failed : EXIT.done;
}
