import { z } from 'zod';
import { parseDuration } from './contract/units.ts';
import { SETTING_KEYS } from './settings.ts';
import { settingsSchema } from './settings-schema.ts';
import { SETTING_TEXTS, type SettingText } from './settings-texts.ts';

/** One setting, for whoever explains it: the reference, the starter file, the schema for editors, `rtserver config`. */
export interface SettingReference extends SettingText {
  /** Dotted. */
  key: string;
  /** As it is written in a file: `60s`, not 60000. `undefined` for none. */
  default: unknown;
  kind: 'duration' | 'size' | 'other';
}

interface SchemaNode {
  properties?: Record<string, SchemaNode>;
  default?: unknown;
  description?: string;
  [keyword: string]: unknown;
}

/** Every setting, in the order of the schema. */
export function listSettingReferences(): SettingReference[] {
  const schema = createSchema();
  return SETTING_KEYS.map((key) => {
    const node = key.split('.').reduce<SchemaNode | undefined>((at, step) => at?.properties?.[step], schema);
    return { key, default: node?.default, kind: kindOf(node), ...textOf(key) };
  });
}

/** JSON Schema for a configuration file: what editors complete and underline with. */
export function createConfigSchema(): object {
  const schema = createSchema();
  const describe = (node: SchemaNode, path: string): SchemaNode => {
    if (node.properties === undefined) return { description: plain(textOf(path).text), ...node };
    const { default: _empty, properties, ...rest } = node;
    const prefix = path === '' ? '' : `${path}.`;
    const described = Object.entries(properties).map(([key, each]) => [key, describe(each, prefix + key)]);
    return { ...rest, properties: Object.fromEntries(described) };
  };
  const { $schema, properties, ...rest } = describe(schema, '');
  // For JSON files, where it is the one way to name this very schema.
  return {
    $schema,
    title: 'rtserver configuration',
    ...rest,
    properties: { $schema: { type: 'string' }, ...properties },
  };
}

function createSchema(): SchemaNode {
  return z.toJSONSchema(settingsSchema, { io: 'input' }) as SchemaNode;
}

function kindOf(node: SchemaNode | undefined): SettingReference['kind'] {
  // What takes both a number and a text with a unit.
  if (!Array.isArray(node?.['type'])) return 'other';
  return parseDuration(String(node?.default)) === undefined ? 'size' : 'duration';
}

function textOf(key: string): SettingText {
  return SETTING_TEXTS[key] ?? { text: '' };
}

const plain = (markdown: string) => markdown.replaceAll('`', '');
