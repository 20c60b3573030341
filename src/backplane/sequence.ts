/** Numbers the messages of this node, and looks at the numbers of the others. */
export interface Sequence {
  give(message: Buffer): Buffer;
  /** What came, and from whom; `undefined` for one of our own, and for one that comes late or a second time. */
  take(numbered: Buffer): { node: string; body: Buffer } | undefined;
}

const NUMBER_BYTES = 6;
/** Nodes come and go; those that were heard of longest ago are forgotten. */
const NODES_MAX = 1_000;

/**
 * @param nodeId in ASCII, as long as those of all other nodes
 * @param onMissed called with how many messages of a node never came
 */
export function createSequence(nodeId: string, onMissed: (node: string, count: number) => void): Sequence {
  const name = Buffer.from(nodeId);
  const bodyAt = name.length + NUMBER_BYTES;
  const last = new Map<string, number>();
  let given = 0;

  return {
    give(message) {
      const head = Buffer.alloc(bodyAt);
      name.copy(head);
      head.writeUIntBE(++given, name.length, NUMBER_BYTES);
      return Buffer.concat([head, message]);
    },
    take(numbered) {
      if (numbered.length < bodyAt) return undefined;
      const node = numbered.toString('latin1', 0, name.length);
      if (node === nodeId) return undefined;
      const number = numbered.readUIntBE(name.length, NUMBER_BYTES);
      const before = last.get(node);
      if (before !== undefined && number <= before) return undefined;
      last.delete(node);
      last.set(node, number);
      if (last.size > NODES_MAX) last.delete([...last.keys()][0] as string);
      const missed = before === undefined ? 0 : number - before - 1;
      if (missed > 0) onMissed(node, missed);
      return { node, body: numbered.subarray(bodyAt) };
    },
  };
}
