import { LIVE_KEYS } from '../src/reload.ts';
import { listSettingReferences, type SettingReference } from '../src/settings-reference.ts';

const INTRODUCTION = `# Configuration

From \`rtserver.config.{ts,js,mjs,json,yaml,yml}\` in the folder where the server starts, or \`--config FILE\`. Flags win over
environment variables, those over the file, that over the defaults. The variable of a key is \`RTSERVER_\` and the key in
capitals: \`limits.connectionsPerUser\` is \`RTSERVER_LIMITS_CONNECTIONS_PER_USER\`; lists are separated by commas; an empty
variable is one that is not set. \`RTSERVER_SECRET\` is \`auth.secret\`.

A \`.ts\`, \`.js\` or \`.mjs\` file exports its settings as default; a \`.js\` file of a package without \`"type": "module"\` may be CommonJS
(\`module.exports = { … }\`). \`.cjs\`, \`.cts\` and \`.mts\` are not read: one of that name is passed over, or refused where \`--config\` names it.

Durations are numbers (milliseconds) or text (\`500ms\`, \`60s\`, \`5m\`, \`1h\`); sizes are numbers (bytes) or text (\`100kB\`,
\`1MiB\`). A secret or key is the value itself, \`@file\` (relative to the file that says it) or \`env:NAME\`.

\`rtserver config\` shows every setting, its value and where it came from; \`rtserver config init\` writes a commented starter.
Editors complete and check YAML and JSON files by [config.schema.json](../config.schema.json), which the starters name; in
TypeScript \`defineConfig\` does it.

\`rtserver start --watch\` takes up changes of the file, and of what it imports, without dropping a connection: the keys marked *live*
here, and \`events\`, \`modules\` and \`authenticate\`. The log line \`config.reloaded\` says what changed and what needs a restart; with a
file that is wrong the server goes on as it was, and \`config.reload_failed\` says where it is wrong. Who is connected stays, also
over a lowered limit; a module begins anew, and its \`onConnect\` is not called again for those who are there. In the library it is
\`server.reload(options)\`.
`;

/** Headings, and the first words of the keys below them. */
const GROUPS: readonly [title: string, sections: readonly string[]][] = [
  ['Where it listens', ['host', 'port', 'path', 'tls', 'insecureHttp', 'trustProxy']],
  ['Who may connect', ['cors', 'auth']],
  ['Limits', ['limits']],
];

/** `docs/configuration.md` */
export function renderConfigurationReference(): string {
  const all = listSettingReferences();
  const sectionOf = ({ key }: SettingReference) => key.split('.')[0] ?? key;
  const grouped = GROUPS.map(
    ([title, sections]) => [title, all.filter((each) => sections.includes(sectionOf(each)))] as const,
  );
  const rest = all.filter((each) => !GROUPS.some(([, sections]) => sections.includes(sectionOf(each))));
  const tables = [...grouped, ['The rest', rest] as const].map(
    ([title, references]) =>
      `## ${title}\n\n| key | default | |\n| --- | --- | --- |\n${references.map(renderRow).join('')}`,
  );
  return [INTRODUCTION, ...tables].join('\n');
}

function renderRow(reference: SettingReference): string {
  return `| \`${reference.key}\` | ${renderDefault(reference)} | ${reference.text.replaceAll('|', '\\|')}${LIVE_KEYS.has(reference.key) ? ' *live*' : ''} |\n`;
}

function renderDefault({ unset, default: standard }: SettingReference): string {
  if (unset !== undefined) return unset;
  if (standard === undefined || (Array.isArray(standard) && standard.length === 0)) return 'none';
  return Array.isArray(standard) ? standard.map((item) => `\`${item}\``).join(', ') : `\`${standard}\``;
}
