import type { Redis } from 'ioredis';
import { BEGIN_LEASE, RENEW, runScript, type SlotKeys } from './slot-scripts.ts';

/** Under which the slots of a node stand: they count while it lives. */
export interface Lease {
  /** What is written from now on stands under this one. */
  readonly name: string;
  /** Says whether it was still alive, and which slots of this node others have been given. */
  renew(): Promise<{ lives: boolean; lost: string[] }>;
  /**
   * Begins one of another name. Those before it live on, and so does what stands under them, until `endFormer`.
   *
   * @param settleMs how long claims of all nodes wait for what is written under it
   */
  begin(settleMs: number): Promise<void>;
  endFormer(): Promise<void>;
  /** Ends all of them. */
  end(): Promise<void>;
}

/** A node that is silent for so long holds nothing any more. */
export const LEASE_MS = 10_000;

/** @param nodeId without a dot */
export function createLease(commands: Redis, keys: SlotKeys, nodeId: string): Lease {
  let names: string[] = [];
  /** Redis need not say these again. */
  let known: string[] = [];
  let count = 0;

  async function end(which: readonly string[]): Promise<void> {
    if (which.length > 0) await commands.zrem(keys.leases, ...which);
    names = names.filter((name) => !which.includes(name));
  }

  return {
    get name() {
      return names.at(-1) ?? '';
    },
    async renew() {
      const args = [LEASE_MS, names.length, ...names, ...known];
      const said = await runScript(commands, RENEW, [keys.leases, keys.lost + nodeId], args);
      const [isAlive, lost] = said as [number, string[]];
      known = lost;
      return { lives: isAlive === 1, lost };
    },
    async begin(settleMs) {
      const name = `${nodeId}.${++count}`;
      await runScript(commands, BEGIN_LEASE, [keys.leases, keys.settling], [name, LEASE_MS, settleMs]);
      names.push(name);
    },
    endFormer: () => end(names.slice(0, -1)),
    end: () => end(names),
  };
}
