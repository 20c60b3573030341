import { createConfigSchema } from '../src/settings-reference.ts';
import { renderConfigurationReference } from './configuration-reference.ts';

/** What is made from code, by its path from the root. */
export async function createDocuments(): Promise<Map<string, string>> {
  return new Map([
    ['config.schema.json', `${JSON.stringify(createConfigSchema(), null, 2)}\n`],
    ['docs/configuration.md', renderConfigurationReference()],
  ]);
}
