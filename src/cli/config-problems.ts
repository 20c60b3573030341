import { RtError } from '../contract/errors.ts';
import type { SettingIssue } from '../settings.ts';
import { adviceFor } from './advice.ts';
import { usageError } from './cli-error.ts';
import { findLine } from './config-line.ts';
import { getAt, type Tree } from './settings-tree.ts';

/** Who said what of a configuration. */
export interface Sources {
  /** Absolute. */
  file: string | undefined;
  /** Where a key was said, in words for messages; `undefined` for a default. */
  sourceOf(key: string): string | undefined;
}

/** One line for each, which begins with the flag, the variable or the file and line that said it. */
export async function describeIssues(issues: readonly SettingIssue[], sources: Sources): Promise<string[]> {
  const { describeIssue } = await import('../settings.ts');
  return Promise.all(
    issues.map(async (issue) => {
      const places = await Promise.all([issue.key, ...(issue.with ?? [])].map((key) => placeOf(key, sources)));
      const said = [...new Set(places)].filter((place) => place !== undefined).join(' and ');
      const line = `${said === '' ? '' : `${said}: `}${describeIssue(issue)}`;
      if (said !== 'RTSERVER_PORT' || !String(issue.value).includes('://')) return line;
      return `${line}\nKubernetes sets RTSERVER_PORT for a service named rtserver: set enableServiceLinks: false in the pod.`;
    }),
  );
}

async function placeOf(key: string, { file, sourceOf }: Sources): Promise<string | undefined> {
  const source = sourceOf(key);
  if (source === undefined || source !== file) return source;
  const line = await findLine(file, key);
  return line === undefined ? file : `${file}:${line}`;
}

/** What went wrong with a server because of its configuration, with the place that said so; any other error as it is. */
export async function withPlace(error: unknown, sources: Sources): Promise<unknown> {
  if (!(error instanceof RtError) || error.code !== 'CONFIG_INVALID') return error;
  const { issues, key, reason } = error.detail as { issues?: SettingIssue[]; key?: string; reason?: string };
  if (issues !== undefined) return usageError((await describeIssues(issues, sources)).join('\n'), [], { cause: error });
  // Modules are in the file alone, and nowhere among the settings.
  if (key === 'modules') return usageError(`${sources.file ?? key}: ${reason}`, [], { cause: error });
  const place = key === undefined ? undefined : await placeOf(key, sources);
  if (place === undefined) return error;
  // Whoever reads the place needs not look for it; what is to be done about a broken state file is another matter.
  return usageError(`${place}: ${reason}`, key === 'state.file' ? adviceFor(error) : [], { cause: error });
}

/** Two minutes, where it was seconds that were meant: nobody sets so short a time, and 300 may well be milliseconds. */
const SHORT_MS = 120;

/** Who types 5 may mean seconds: what that comes to, for each duration that is said so and hardly any time at all. */
export async function describeShortDurations(
  input: Tree,
  issues: readonly SettingIssue[],
  sources: Sources,
): Promise<string[]> {
  const [{ DURATION_KEYS }, { isBareNumber }] = await Promise.all([
    import('../settings.ts'),
    import('../settings-kinds.ts'),
  ]);
  const short = DURATION_KEYS.flatMap((key) => {
    const value = getAt(input, key);
    const ms = isBareNumber(value) ? Number(value) : 0;
    const isTold = issues.some((issue) => issue.key === key);
    return ms > 0 && ms <= SHORT_MS && !isTold ? [{ key, ms }] : [];
  });
  return Promise.all(
    short.map(async ({ key, ms }) => {
      return `${await placeOf(key, sources)}: ${key} is ${ms} ms, since a number without a unit is milliseconds; say ${ms}s if that is what you mean`;
    }),
  );
}
