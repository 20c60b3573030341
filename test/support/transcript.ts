/** A file that the reader is told to write. */
export interface TranscriptFile {
  file: string;
  content: string;
}

/** One command of a transcript, or output that an earlier command of the same shell prints later. */
export interface TranscriptStep {
  /** Steps of one shell run one after another; shells run beside each other. */
  shell: string;
  /** Absent: more output of the command that runs in this shell. */
  command?: string;
  expected: string[];
  exitCode: number;
  /** Where it stands in the document, for messages. */
  line: number;
}

/**
 * The runnable blocks of a Markdown document, in order: fences ```` ```console run ````, optionally with `shell=NAME` and
 * `exit=CODE`. A line `$ command` is typed (`> ` continues it); the lines after it are its output, in which `…` stands for
 * any text, and alone on a line for any number of lines.
 */
export function parseTranscript(markdown: string): TranscriptStep[] {
  const steps: TranscriptStep[] = [];
  let block: { shell: string; exitCode: number } | undefined;
  let fence: string | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    const line = index + 1;
    const opening = fence === undefined ? /^(?<ticks>`{3,})(?<info>.*)$/.exec(text)?.groups : undefined;
    if (opening !== undefined) {
      fence = opening['ticks'];
      block = parseInfo(opening['info'] ?? '', line);
      if (block !== undefined) steps.push({ ...block, expected: [], line });
    } else if (fence !== undefined && text === fence) {
      fence = undefined;
      block = undefined;
    } else if (block !== undefined) {
      const last = steps.at(-1);
      if (text.startsWith('$ ')) steps.push({ ...block, command: text.slice(2), expected: [], line });
      else if (text.startsWith('> ') && last?.command !== undefined && last.expected.length === 0) {
        last.command += `\n${text.slice(2)}`;
      } else last?.expected.push(text.trimEnd());
    }
  }
  return steps.filter((step) => step.command !== undefined || step.expected.some(Boolean));
}

/** The blocks of a document that are files: fences such as ```` ```js file=client.mjs ````. */
export function parseFiles(markdown: string): TranscriptFile[] {
  const blocks = markdown.matchAll(/^```\w+ file=(?<file>\S+)\n(?<content>.*?)^```$/gms);
  return [...blocks].map(({ groups }) => ({ file: groups?.['file'] ?? '', content: groups?.['content'] ?? '' }));
}

function parseInfo(info: string, line: number): { shell: string; exitCode: number } | undefined {
  const [language, run, ...words] = info.trim().split(/\s+/);
  if (language !== 'console' || run !== 'run') return undefined;
  const options = new Map(words.map((word) => word.split('=', 2) as [string, string]));
  for (const key of options.keys()) {
    if (key !== 'shell' && key !== 'exit') throw new Error(`line ${line}: "${key}" is neither shell= nor exit=`);
  }
  return { shell: options.get('shell') ?? '1', exitCode: Number(options.get('exit') ?? 0) };
}

/** How many lines of `expected`, from its start, `actual` shows in this order. */
export interface OutputMatch {
  isComplete: boolean;
  /** The first expected line that was not found. */
  missing?: string;
}

/**
 * Compares output line by line. While a command still runs (`isFinal` false) more may come after what is expected, and
 * what is expected may still come; afterwards every line must have its counterpart.
 */
export function matchOutput(expected: readonly string[], actual: readonly string[], isFinal: boolean): OutputMatch {
  const wanted = trimBlank(expected);
  const seen = trimBlank(actual);
  const furthest = { at: 0 };
  const match = (i: number, j: number): boolean => {
    furthest.at = Math.max(furthest.at, i);
    const line = wanted[i];
    if (line === undefined) return !isFinal || j === seen.length;
    if (line.trim() === '…') return match(i + 1, j) || (j < seen.length && match(i, j + 1));
    const other = seen[j];
    return other !== undefined && toPattern(line).test(other) && match(i + 1, j + 1);
  };
  if (match(0, 0)) return { isComplete: true };
  return { isComplete: false, missing: wanted[furthest.at] ?? '(the end of the output)' };
}

function toPattern(line: string): RegExp {
  const parts = line.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}\\s*$`);
}

function trimBlank(lines: readonly string[]): readonly string[] {
  const isText = (line: string) => line.trim() !== '';
  const first = lines.findIndex(isText);
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex(isText) + 1);
}
