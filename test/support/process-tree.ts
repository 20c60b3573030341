import { spawnSync } from 'node:child_process';

/** Process ids of a process and all that it started, parents before children. */
export function processTree(root: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const childrenOf = (of: number): number[] =>
    pairs.flatMap(([pid = 0, parent]) => (parent === of ? [pid, ...childrenOf(pid)] : []));
  return [root, ...childrenOf(root)];
}
