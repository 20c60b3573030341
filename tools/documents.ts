import { createConfigSchema } from '../src/settings-reference.ts';
import { renderCommandsReference } from './commands-reference.ts';
import { renderConfigurationReference } from './configuration-reference.ts';
import { renderErrorsReference } from './errors-reference.ts';

/** What is made from code, by its path from the root. */
export async function createDocuments(): Promise<Map<string, string>> {
  return new Map([
    ['config.schema.json', `${JSON.stringify(createConfigSchema(), null, 2)}\n`],
    ['docs/configuration.md', renderConfigurationReference()],
    ['docs/commands.md', await renderCommandsReference()],
    ['docs/errors.md', renderErrorsReference()],
  ]);
}
