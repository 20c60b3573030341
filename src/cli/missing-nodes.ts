import type { Output } from './output.ts';

/** Says that an answer is not of the whole cluster. */
export function noteMissingNodes({ note }: Output, missingNodes: number | null | undefined): void {
  if (missingNodes === undefined || missingNodes === 0) return;
  if (missingNodes === null)
    note('The server is cut off from the other nodes of its cluster: this is of itself alone.');
  else
    note(
      `${missingNodes} ${missingNodes === 1 ? 'node' : 'nodes'} of the cluster did not answer: this is of the others.`,
    );
}
