import { readFileSync } from 'node:fs';
import type { Node } from 'yaml';

/** The line of a YAML or JSON file that says something about a dotted key; `undefined` where nobody can tell. */
export async function findLine(file: string, key: string): Promise<number | undefined> {
  if (!/\.(?:ya?ml|json)$/.test(file)) return undefined;
  const { isCollection, isMap, isScalar, LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();

  /** Of the deepest step that is there. */
  function findOffset(node: unknown, [step, ...rest]: readonly string[]): number | undefined {
    if (step === undefined || !isCollection(node)) return undefined;
    if (!isMap(node)) return (node.items[Number(step)] as Node | undefined)?.range?.[0];
    const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === step);
    return findOffset(pair?.value, rest) ?? (pair?.key as Node | undefined)?.range?.[0];
  }

  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  // YAML reads JSON too.
  const offset = findOffset(parseDocument(text, { lineCounter }).contents, key.split('.'));
  return offset === undefined ? undefined : lineCounter.linePos(offset).line;
}
