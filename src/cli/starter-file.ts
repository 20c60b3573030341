import type { SettingReference } from '../settings-reference.ts';

export const STARTER_FORMATS = ['ts', 'js', 'yaml', 'json'] as const;
export type StarterFormat = (typeof STARTER_FORMATS)[number];

const SCHEMA = './node_modules/rtserver/config.schema.json';

/** A configuration file that changes nothing yet: each setting commented out, with its default or an example. */
export function renderStarter(format: StarterFormat, references: readonly SettingReference[]): string {
  // JSON has no comments; an editor shows what the schema says about each key.
  if (format === 'json') return `${JSON.stringify({ $schema: SCHEMA }, null, 2)}\n`;
  if (format === 'yaml') {
    const body = renderSections(references, { comment: '#', open: ':', close: undefined, end: '' });
    return `# yaml-language-server: $schema=${SCHEMA}\n${HEAD.map((line) => `# ${line}\n`).join('')}\n${body}`;
  }
  const body = renderSections(references, { comment: '//', open: ': {', close: '},', end: ',' })
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
  const head = HEAD.map((line) => `// ${line}\n`).join('');
  return `import { defineConfig } from 'rtserver';\n\n${head}export default defineConfig({\n${body}});\n`;
}

const HEAD = [
  'Every setting with its default, or an example where there is none. Durations are 500ms, 60s, 5m or milliseconds; sizes',
  '100kB, 1MiB or bytes. RTSERVER_… variables win over this file, flags over both.',
];

interface Syntax {
  comment: string;
  open: string;
  /** `undefined` where indentation says it. */
  close: string | undefined;
  end: string;
}

/** A section is live code only where an empty one means something: not in YAML, where it would be `null`. */
function renderSections(references: readonly SettingReference[], syntax: Syntax): string {
  const { comment, open, close, end } = syntax;
  const lines: string[] = [];
  let section: string | undefined;
  const live = close === undefined ? `${comment} ` : '';
  const endSection = () => {
    if (section !== undefined && close !== undefined) lines.push(close);
    section = undefined;
  };
  for (const { key, text, unset, example, default: standard } of references) {
    const [first = '', second] = key.split('.');
    if (second === undefined || first !== section) {
      endSection();
      if (lines.length > 0) lines.push('');
    }
    if (second !== undefined && section === undefined) {
      section = first;
      lines.push(`${live}${first}${open}`);
    }
    const hint = unset === undefined ? '' : ` Default: ${unset}.`;
    const indent = second === undefined ? '' : '  ';
    lines.push(`${indent}${comment} ${text}${hint}`.replaceAll('`', ''));
    const value = renderValue(example ?? standard, syntax);
    const name = second ?? first;
    lines.push(
      close === undefined
        ? `${comment} ${indent}${name}: ${value}${end}`
        : `${indent}${comment} ${name}: ${value}${end}`,
    );
  }
  endSection();
  return `${lines.join('\n')}\n`;
}

/** In single quotes, as both languages have them. */
function renderValue(value: unknown, syntax: Syntax): string {
  if (Array.isArray(value)) return `[${value.map((item) => renderValue(item, syntax)).join(', ')}]`;
  return typeof value === 'string'
    ? `'${value.replaceAll("'", syntax.close === undefined ? "''" : "\\'")}'`
    : String(value);
}
