import { type Output, plural } from './output.ts';

/** Warns that an answer is not of the whole cluster. */
export function warnOfMissingNodes({ problem }: Output, missingNodes: number | null | undefined): void {
  if (missingNodes === undefined || missingNodes === 0) return;
  if (missingNodes === null)
    problem('The server is cut off from the other nodes of its cluster: this is of itself alone.');
  else problem(`${plural(missingNodes, 'node')} of the cluster did not answer: this is of the others.`);
}
