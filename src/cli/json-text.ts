import { usageError } from './cli-error.ts';

/** JSON that a person wrote. A mistake is named by its line and column. */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    const { line, column, problem } = locateJsonError(text);
    throw usageError(`${name} is not valid JSON: line ${line}, column ${column}: ${problem}`, [], { cause });
  }
}

/** A place in a text that is no JSON. */
export interface JsonError {
  line: number;
  column: number;
  problem: string;
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const WORD = /(?:true|false|null)(?!\w)/y;

/**
 * Where a text stops being JSON. `JSON.parse` knows, but its messages give a position only for some mistakes, and none with a
 * line. Only for text that it has refused.
 */
export function locateJsonError(text: string): JsonError {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  /** What each open bracket waits for. */
  const open: ('}' | ']')[] = [];

  function take(pattern: RegExp): boolean {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  }
  function takeCharacter(character: string): boolean {
    take(SPACE);
    if (text[at] !== character) return false;
    at++;
    return true;
  }
  function takeKey(): string | undefined {
    take(SPACE);
    if (!take(STRING)) return text[at] === '"' ? badString() : 'expected a key in double quotes';
    return takeCharacter(':') ? undefined : 'expected a colon after the key';
  }
  /** A value, or the opening of one. */
  function takeValue(): 'whole' | 'opened' | string {
    take(SPACE);
    if (take(STRING) || take(NUMBER) || take(WORD)) return 'whole';
    if (text[at] === '"') return badString();
    if (text[at] !== '{' && text[at] !== '[') return 'expected a value';
    open.push(text[at++] === '{' ? '}' : ']');
    return 'opened';
  }
  function badString(): string {
    const start = at;
    at++;
    take(/(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/y);
    if (at < text.length && text[at] !== '\n' && text[at] !== '\r') return 'a character that a string must escape';
    at = start;
    return 'a string without an end';
  }
  function walk(): string {
    for (;;) {
      let state = takeValue();
      if (state === 'opened') {
        const closer = open.at(-1) ?? '';
        if (takeCharacter(closer)) {
          open.pop();
          state = 'whole';
        } else {
          const problem = closer === '}' ? takeKey() : undefined;
          if (problem !== undefined) return problem;
          continue;
        }
      }
      if (state !== 'whole') return state;
      while (open.length > 0 && takeCharacter(open.at(-1) ?? '')) open.pop();
      take(SPACE);
      if (open.length === 0) return 'there is more after the value';
      if (!takeCharacter(',')) return `expected a comma or ${open.at(-1)}`;
      const problem = open.at(-1) === '}' ? takeKey() : undefined;
      if (problem !== undefined) return problem;
    }
  }

  const problem = walk();
  const before = text.slice(0, at).split('\n');
  const isEnd = text.slice(at).trim() === '' && problem !== 'there is more after the value';
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    problem: isEnd ? 'the text ends too early' : problem,
  };
}
