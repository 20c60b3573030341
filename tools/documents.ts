import { createOpenApi } from '../src/http/openapi/document.ts';
import { createConfigSchema } from '../src/settings-reference.ts';
import { renderCommandsReference } from './commands-reference.ts';
import { renderConfigurationReference } from './configuration-reference.ts';
import { renderErrorsReference } from './errors-reference.ts';
import { renderHttpApiReference } from './http-api-reference.ts';

/** What is made from code, by its path from the root. */
export async function createDocuments(): Promise<Map<string, string>> {
  return new Map([
    ['config.schema.json', `${JSON.stringify(createConfigSchema(), null, 2)}\n`],
    ['docs/configuration.md', renderConfigurationReference()],
    ['docs/commands.md', await renderCommandsReference()],
    ['docs/errors.md', renderErrorsReference()],
    ['docs/http-api.md', renderHttpApiReference()],
    ['docs/openapi.json', `${JSON.stringify(createOpenApi(), null, 2)}\n`],
  ]);
}
