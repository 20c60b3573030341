/** What istanbul's JSON says of a file: where its statements begin, and how often each ran. */
export interface Statements {
  statementMap: Record<string, { start: { line: number } }>;
  s: Record<string, number>;
}

/**
 * A row for each file that did not run as a whole: its share of lines, and the lines that no test reached.
 *
 * @param tests says which lines have statements; what ran only there counts as much as what ran in `commands`
 */
export function printCoverage(tests: Record<string, Statements>, commands: Record<string, Statements>): string {
  const files = Object.entries(tests).map(([file, statements]) => {
    const ran = linesOf(statements);
    for (const [line, count] of linesOf(commands[file])) if (count > 0 && ran.has(line)) ran.set(line, count);
    const missed = [...ran].flatMap(([line, count]) => (count === 0 ? [line] : []));
    return { file, lines: ran.size, missed: missed.sort((a, b) => a - b), all: [...ran.keys()].sort((a, b) => a - b) };
  });
  const rows = files.filter(({ missed }) => missed.length > 0).sort((a, b) => (a.file < b.file ? -1 : 1));
  const total = files.reduce((sum, { lines }) => sum + lines, 0);
  const missing = rows.reduce((sum, { missed }) => sum + missed.length, 0);
  const width = Math.max(0, ...rows.map(({ file }) => file.length));
  return [
    ...rows.map(({ file, lines, missed, all }) => {
      return `${file.padEnd(width)}  ${share(lines - missed.length, lines).padStart(7)}  ${ranges(missed, all)}`;
    }),
    `${files.length} files, ${files.length - rows.length} of them as a whole; ${share(total - missing, total)} of ${total} lines`,
    '',
  ].join('\n');
}

/** How often the busiest statement of each line ran. */
function linesOf(statements: Statements | undefined): Map<number, number> {
  const lines = new Map<number, number>();
  for (const [id, { start }] of Object.entries(statements?.statementMap ?? {})) {
    lines.set(start.line, Math.max(lines.get(start.line) ?? 0, statements?.s[id] ?? 0));
  }
  return lines;
}

/** `12-15, 20`: lines between which there is no other statement are one piece. */
function ranges(missed: readonly number[], all: readonly number[]): string {
  const pieces: [number, number][] = [];
  for (const line of missed) {
    const last = pieces.at(-1);
    if (last !== undefined && all[all.indexOf(line) - 1] === last[1]) last[1] = line;
    else pieces.push([line, line]);
  }
  return pieces.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

function share(part: number, whole: number): string {
  return `${(whole === 0 ? 100 : (100 * part) / whole).toFixed(1)} %`;
}
