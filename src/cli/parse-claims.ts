import { usageError } from './cli-error.ts';
import { parseJson } from './json-text.ts';

/** The value of `--claims`. */
export function parseClaims(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const claims = parseJson(text, '--claims');
  if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return { ...claims };
  throw usageError(`--claims must be a JSON object such as '{"role":"editor"}'`);
}
