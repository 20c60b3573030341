/** What stands for a value in an expression of the plugin `ensure`: text, a call, or a name. */
const PART = /'[^']*'|"[^"]*"|[A-Za-z_][\w.-]*(?:\s*\()?/g;
const WORDS = new Set(['and', 'or', 'not', 'in', 'of', 'mod', 'if', 'then', 'else']);

/**
 * The metrics that an expression asks for, but for the known ones. Those are found first, as the plugin does it: a name may
 * have dashes in it, and a dash may be a minus.
 */
export function strangeMetrics(expression: string, known: readonly string[] = []): string[] {
  let rest = expression;
  for (const name of [...known].sort((left, right) => right.length - left.length)) {
    rest = rest.replaceAll(new RegExp(`(?<![\\w.])${name.replaceAll('.', '\\.')}(?![\\w.])`, 'g'), "''");
  }
  return (rest.match(PART) ?? []).filter((part) => !/^['"]|\($/.test(part) && !WORDS.has(part));
}
