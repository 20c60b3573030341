/** Settings as a file says them. */
export type Tree = Record<string, unknown>;

/** Something with keys; not a schema, a function or a list, which are values. */
function isTree(value: unknown): value is Tree {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Settings that can be written to; anything but plain objects is kept as it is, and so is what `keep` names. */
export function cloneTree(tree: Tree, keep: readonly string[]): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [
      key,
      isTree(value) && !keep.includes(key) ? cloneTree(value, keep) : value,
    ]),
  );
}

/** What is said about a dotted key, be it an item of a list. */
export function getAt(tree: Tree, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((at, step) => (isTree(at) || Array.isArray(at) ? (at as Tree)[step] : undefined), tree);
}

/** Says something about a dotted key. */
export function setAt(tree: Tree, key: string, value: unknown): void {
  const steps = key.split('.');
  const last = steps.pop() ?? '';
  let at = tree;
  for (const step of steps) {
    if (at[step] === undefined) at[step] = {};
    const next = at[step];
    // What is no object here is a mistake that the gate names; it must not be papered over.
    if (!isTree(next)) return;
    at = next;
  }
  at[last] = value;
}

/** `cors.origins.0`, `cors.origins`, `cors`: an item of a list was said by whoever said the list. */
export function pathsTo(key: string): string[] {
  const steps = key.split('.');
  return steps.map((_, index) => steps.slice(0, steps.length - index).join('.'));
}
