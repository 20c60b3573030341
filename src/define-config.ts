import type { EventSchemas } from './contract/events.ts';
import type { EmbeddingOptions } from './options.ts';
import type { Settings } from './settings-schema.ts';

/** What a configuration file can say: the settings, and in a program's file what only code can. */
export type ServerConfig<Schemas extends EventSchemas = EventSchemas> = Settings &
  Pick<EmbeddingOptions<Schemas>, 'events' | 'modules' | 'authenticate'>;

/**
 * The default export of `rtserver.config.ts`. Returns the very object; editors complete it, and a misspelt key does not
 * compile.
 */
export function defineConfig<const Schemas extends EventSchemas>(config: ServerConfig<Schemas>): ServerConfig<Schemas> {
  return config;
}
