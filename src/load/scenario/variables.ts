import { didYouMean } from '../../contract/did-you-mean.ts';
import type { ServerLimits } from '../survey.ts';
import type { ScenarioFile } from './check-file.ts';

/** What every scenario is told, and may be told otherwise. */
export const OF_THE_SERVER: readonly (keyof ServerLimits)[] = [
  'connectionsPerUser',
  'heartbeatTimeoutMs',
  'pingIntervalMs',
  'pingTimeoutMs',
  'maxPayloadBytes',
];

/** What is wrong with the names of variables that a run is given: one that nobody reads is a misspelt one. */
export function findStrangeVariable(
  text: string,
  { config }: ScenarioFile,
  given: readonly string[],
): string | undefined {
  // A function may read any.
  if (config.processor !== undefined) return undefined;
  const declared = Object.keys(config.variables ?? {});
  const used = [...text.matchAll(/\{\{(.*?)\}\}/gs)].flatMap(([, source = '']) => source.match(/[A-Za-z_]\w*/g) ?? []);
  const known = new Set([...declared, ...used, ...OF_THE_SERVER]);
  const stranger = given.find((name) => !known.has(name));
  if (stranger === undefined) return undefined;
  const candidates = [...declared, ...OF_THE_SERVER];
  return `it has no variable "${stranger}".${didYouMean(stranger, candidates) || ` It has ${candidates.join(', ')}.`}`;
}
