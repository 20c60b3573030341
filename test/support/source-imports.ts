export interface SourceImport {
  specifier: string;
  /** `static` is erased to nothing, or runs before the importing file, depending on `isType`; `dynamic` is `import()`. */
  kind: 'static' | 'dynamic';
  isType: boolean;
}

const NAME = '[\\w$]+';
const BINDINGS = `(?:${NAME}\\s*,?\\s*)?(?:\\{[^{}]*\\}|\\*\\s*as\\s+${NAME})?`;
const QUOTE = '(?<quote>[\'"`])';

/** Each ends with the opening quote of the specifier, whose text is then read from the unmasked source. */
const PATTERNS: readonly { pattern: RegExp; kind: SourceImport['kind'] }[] = [
  {
    pattern: new RegExp(`(?<![\\w$.])import\\s+(?<type>type\\s+(?!from\\b))?${BINDINGS}\\s*from\\s*${QUOTE}`, 'g'),
    kind: 'static',
  },
  { pattern: new RegExp(`(?<![\\w$.])import\\s*${QUOTE}`, 'g'), kind: 'static' },
  {
    pattern: new RegExp(
      `(?<![\\w$.])export\\s*(?<type>type\\s*)?(?:\\{[^{}]*\\}|\\*(?:\\s*as\\s+${NAME})?)\\s*from\\s*${QUOTE}`,
      'g',
    ),
    kind: 'static',
  },
  { pattern: new RegExp(`(?<![\\w$.])(?<type>typeof\\s+)?import\\s*\\(\\s*${QUOTE}`, 'g'), kind: 'dynamic' },
  {
    pattern: new RegExp(`(?<![\\w$.])(?:require|createRequire\\s*\\([^()]*\\))\\s*\\(\\s*${QUOTE}`, 'g'),
    kind: 'static',
  },
];

/**
 * The imports of a TypeScript source. No parser with types comes with TypeScript 7, so statements are found by pattern in
 * a copy in which everything that is not code is blank.
 */
export function importsOf(source: string): SourceImport[] {
  const masked = maskSource(source);
  const found: (SourceImport & { at: number })[] = [];
  for (const { pattern, kind } of PATTERNS) {
    for (const match of masked.matchAll(pattern)) {
      const start = match.index + match[0].length;
      const quote = match.groups?.['quote'] ?? '';
      const specifier = source.slice(start, masked.indexOf(quote, start));
      found.push({ specifier, kind, isType: match.groups?.['type'] !== undefined, at: match.index });
    }
  }
  return found.sort((a, b) => a.at - b.at).map(({ at: _at, ...each }) => each);
}

/** The source with comments, regular expressions and the insides of strings and templates blank; offsets stay. */
export function maskSource(source: string): string {
  const out = source.split('');
  const blank = (from: number, to: number) => {
    for (let i = from; i < to; i += 1) if (out[i] !== '\n') out[i] = ' ';
  };
  /** One entry for each open `${`: how many braces are open inside it. */
  const templates: number[] = [];
  let at = 0;

  const skipTemplateText = () => {
    const start = at;
    while (at < source.length && source[at] !== '`' && !source.startsWith('${', at)) at += source[at] === '\\' ? 2 : 1;
    blank(start, at);
    if (source[at] === '`') at += 1;
    else if (at < source.length) {
      at += 2;
      templates.push(0);
    }
  };
  const skipUntil = (end: number) => {
    blank(at, end);
    at = end;
  };

  while (at < source.length) {
    const char = source[at] ?? '';
    if (source.startsWith('//', at)) skipUntil(endOf(source, '\n', at));
    else if (source.startsWith('/*', at)) skipUntil(endOf(source, '*/', at + 2) + 2);
    else if (char === '"' || char === "'") {
      const end = closingQuote(source, at);
      blank(at + 1, end);
      at = end + 1;
    } else if (char === '`') {
      at += 1;
      skipTemplateText();
    } else if (char === '/' && startsRegex(out, at)) skipUntil(closingSlash(source, at) + 1);
    else {
      at += 1;
      const depth = templates.at(-1);
      if (depth === undefined) continue;
      if (char === '{') templates[templates.length - 1] = depth + 1;
      else if (char === '}' && depth > 0) templates[templates.length - 1] = depth - 1;
      else if (char === '}') {
        templates.pop();
        skipTemplateText();
      }
    }
  }
  return out.join('');
}

function endOf(source: string, text: string, from: number): number {
  const index = source.indexOf(text, from);
  return index < 0 ? source.length : index;
}

/** A string ends at its line's end at the latest: an apostrophe in the text of JSX then hides one line, not the file. */
function closingQuote(source: string, open: number): number {
  let at = open + 1;
  while (at < source.length && source[at] !== source[open] && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1;
  return at;
}

function closingSlash(source: string, open: number): number {
  let isInClass = false;
  for (let at = open + 1; at < source.length && source[at] !== '\n'; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '[') isInClass = true;
    else if (source[at] === ']') isInClass = false;
    else if (source[at] === '/' && !isInClass) return at;
  }
  return open;
}

/** A slash divides after a value and opens a regular expression elsewhere. */
function startsRegex(masked: readonly string[], at: number): boolean {
  const before = masked
    .slice(Math.max(0, at - 30), at)
    .join('')
    .trimEnd();
  if (/(?:^|[^\w$.])(?:return|typeof|case|in|of|void|await|yield|delete)$/.test(before)) return true;
  return !/[\w$)\]}'"`<]$/.test(before);
}
