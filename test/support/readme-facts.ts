export interface TableRow {
  name: string;
  summary: string;
}

/** The rows of the first table whose first column is headed `command`: the command's name, and what it does. */
export function commandTable(markdown: string): TableRow[] {
  const lines = markdown.split('\n');
  const header = lines.findIndex((line) => /^command$/i.test(cellsOf(line)[0] ?? ''));
  if (header < 0) return [];
  const end = lines.findIndex((line, index) => index > header && !line.startsWith('|'));
  return lines.slice(header + 2, end < 0 ? undefined : end).map((line) => {
    const [command = '', summary = ''] = cellsOf(line);
    return { name: /`(?<name>[a-z-]+)/.exec(command)?.groups?.['name'] ?? command, summary };
  });
}

function cellsOf(line: string): string[] {
  if (!line.startsWith('|')) return [];
  return line
    .slice(1, line.trimEnd().endsWith('|') ? line.trimEnd().length - 1 : undefined)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('\\|', '|').trim());
}

/** What a picture of the layout shows directly below `src/`: names by indentation, folders with a slash. */
export function layoutOfSrc(markdown: string): string[] {
  const lines = markdown.split('\n');
  const src = lines.findIndex((line) => /^[\s│├└─]*src\/(?:\s|$)/.test(line));
  if (src < 0) return [];
  const depthOf = (line: string) => line.search(/[^\s│├└─]/);
  const below: string[] = [];
  let depth: number | undefined;
  for (const line of lines.slice(src + 1)) {
    if (line.trim() === '' || line.startsWith('```') || depthOf(line) <= depthOf(lines[src] ?? '')) break;
    depth ??= depthOf(line);
    if (depthOf(line) > depth) continue;
    // Several names may share a line: two spaces end a name's list and begin what is said about it.
    const names = line.slice(depth).split(/\s{2,}/)[0] ?? '';
    below.push(...names.split(/[\s,·]+/).filter((name) => /^[\w.-]+\/?$/.test(name)));
  }
  return below;
}

/** The relative links of a document. */
export function linksOf(markdown: string): { target: string; fragment?: string }[] {
  const targets = [...markdown.matchAll(/\]\((?<target>[^)\s]+)\)/g)].map((match) => match.groups?.['target'] ?? '');
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((link) => {
      const [target = '', fragment] = link.split('#');
      return { target, ...(fragment !== undefined && { fragment }) };
    });
}

/** The anchors of its headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  const headings = markdown.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (?<text>.*)$/gm);
  return [...headings].map((match) =>
    (match.groups?.['text'] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
