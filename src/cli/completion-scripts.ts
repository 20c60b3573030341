import type { CompletionFlag, CompletionNode } from './completion-words.ts';

/** A script for the shell's start-up file. Words and summaries come from the command table alone. */
export function renderCompletion(shell: 'bash' | 'zsh' | 'fish', nodes: readonly CompletionNode[]): string {
  return { bash: renderBash, zsh: renderZsh, fish: renderFish }[shell](nodes);
}

/** A case for each command, by the words that were typed before without the flags. */
function renderBash(nodes: readonly CompletionNode[]): string {
  const cases = nodes.map(({ path, commands, flags, choices }) => {
    const words = [...commands.map(({ word }) => word), ...choices, ...flags.map(({ word }) => word)];
    const values = flags.flatMap((flag) =>
      flag.value === undefined ? [] : [`        ${flag.word}) ${bashValue(flag.value)} ;;`],
    );
    return [
      `    '${path.join(' ')}')`,
      `      words='${words.join(' ')}'`,
      '      case "$previous" in',
      ...values,
      '      esac',
      '      ;;',
    ].join('\n');
  });
  return `# Completions of rtserver for bash.
_rtserver() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path='' words='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case " ${nodes
      .map(({ path }) => path.join('_'))
      .filter(Boolean)
      .join(' ')} " in
      *" \${path:+\${path// /_}_}\${COMP_WORDS[at]} "*) path="\${path:+$path }\${COMP_WORDS[at]}" ;;
    esac
  done
  COMPREPLY=()
  case "$path" in
${cases.join('\n')}
  esac
  [ \${#COMPREPLY[@]} -gt 0 ] || [ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _rtserver rtserver`;
}

/** For what is no word of ours the shell's own completion of files does. */
function bashValue(value: NonNullable<CompletionFlag['value']>): string {
  if (typeof value === 'string') return "words=''";
  return `words='${value.join(' ')}'`;
}

function renderZsh(nodes: readonly CompletionNode[]): string {
  const cases = nodes.map(({ path, commands, flags, choices }) => {
    const lines = [`    '${path.join(' ')}')`];
    const words = [...commands, ...choices.map((word) => ({ word, summary: '' }))];
    if (words.length > 0) lines.push(`      words=(${words.map(zshWord).join(' ')})`);
    lines.push(`      flags=(${flags.map(zshWord).join(' ')})`, '      case "$previous" in');
    for (const { word, value } of flags) {
      if (value === 'file') lines.push(`        ${word}) _files; return ;;`);
      else if (value === 'any') lines.push(`        ${word}) return ;;`);
      else if (value !== undefined) lines.push(`        ${word}) compadd -- ${value.join(' ')}; return ;;`);
    }
    return [...lines, '      esac', '      ;;'].join('\n');
  });
  const paths = nodes.map(({ path }) => path.join('_')).filter(Boolean);
  return `#compdef rtserver
# Completions of rtserver for zsh.
_rtserver() {
  local previous="\${words[CURRENT-1]}" path_='' at
  local -a typed=("\${words[@]}") words flags known=(${paths.join(' ')})
  for ((at = 2; at < CURRENT; at++)); do
    local next="\${path_:+\${path_// /_}_}\${typed[at]}"
    (( \${known[(Ie)$next]} )) && path_="\${path_:+$path_ }\${typed[at]}"
  done
  case "$path_" in
${cases.join('\n')}
  esac
  if [[ "\${typed[CURRENT]}" == -* ]]; then _describe flag flags; return; fi
  (( \${#words} )) && _describe command words || _files
}
compdef _rtserver rtserver`;
}

/** A colon divides a word from its summary. */
function zshWord({ word, summary }: { word: string; summary: string }): string {
  return quote(`${word}${summary === '' ? '' : `:${summary.replaceAll(':', '\\:')}`}`);
}

function renderFish(nodes: readonly CompletionNode[]): string {
  const lines = nodes.flatMap(({ path, commands, flags, choices, takesFile }) => {
    const deeper = nodes.filter((each) => each.path.length === path.length + 1 && each.path[0] === path[0]);
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const unseen =
      path.length === 0
        ? ['__fish_use_subcommand']
        : deeper.length === 0
          ? []
          : [`not __fish_seen_subcommand_from ${deeper.map((each) => each.path.at(-1)).join(' ')}`];
    const when = `complete -c rtserver -n '${[...seen, ...unseen].join('; and ')}'`;
    return [
      ...commands.map(({ word, summary }) => `${when} -f -a ${word} -d ${quote(summary)}`),
      ...(choices.length > 0 ? [`${when}${takesFile ? '' : ' -f'} -a ${quote(choices.join(' '))}`] : []),
      ...flags.map(({ word, summary, value }) => {
        const takes =
          value === undefined
            ? ''
            : value === 'file'
              ? ' -r'
              : value === 'any'
                ? ' -x'
                : ` -x -a ${quote(value.join(' '))}`;
        return `${when} -l ${word.slice(2)}${takes} -d ${quote(summary)}`;
      }),
    ];
  });
  return ['# Completions of rtserver for fish.', ...lines].join('\n');
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
