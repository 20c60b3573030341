import type { Command } from 'commander';

/** What may be typed after a command, for completions. */
export interface CompletionNode {
  /** The words before: `[]` for `rtserver` itself, `['token', 'verify']`. */
  path: readonly string[];
  commands: readonly CompletionWord[];
  flags: readonly CompletionFlag[];
  /** Where the first argument is one of a few words. */
  choices: readonly string[];
  /** Besides those, or instead of them, the first argument may be a file. */
  takesFile: boolean;
}

export interface CompletionWord {
  word: string;
  summary: string;
}

export interface CompletionFlag extends CompletionWord {
  /** What a value of it is: one of a few words, a file, or anything; `undefined` where it takes none. */
  value: readonly string[] | 'file' | 'any' | undefined;
}

/** Every command of a program whose commands are all loaded, the program first. */
export function describeWords(program: Command, path: readonly string[] = []): CompletionNode[] {
  const argument = program.registeredArguments[0]?.description ?? '';
  const node: CompletionNode = {
    path,
    commands: program.commands.map((each) => ({ word: each.name(), summary: each.summary() })),
    flags: [...program.createHelp().visibleOptions(program)].flatMap((option) => {
      if (option.long === undefined) return [];
      const value = option.required || option.optional ? kindOfValue(option.flags, option.description) : undefined;
      return [{ word: option.long, summary: option.description, value }];
    }),
    choices: choicesIn(argument),
    takesFile: /\bfile\b/.test(argument),
  };
  return [node, ...program.commands.flatMap((each) => describeWords(each, [...path, each.name()]))];
}

function kindOfValue(flags: string, description: string): CompletionFlag['value'] {
  if (flags.includes('<file')) return 'file';
  const choices = choicesIn(description);
  return choices.length > 0 ? choices : 'any';
}

/** Descriptions of what takes one of a few words begin with the list of them: `trace, debug, info or warn`. */
function choicesIn(description: string): string[] {
  const list = /^(?:begin with )?(?<list>[a-z]+(?:, [a-z]+)+(?: or [a-z]+)?|[a-z]+ or [a-z]+)(?: \(|$)/.exec(
    description,
  );
  return list?.groups?.['list']?.split(/, | or /) ?? [];
}
