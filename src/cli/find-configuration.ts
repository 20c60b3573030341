import { findConfigFile } from './config-file.ts';
import type { Configuration } from './configuration.ts';
import type { Context } from './context.ts';
import { namesOfSettings } from './environment.ts';
import type { ServerFlags } from './flags.ts';

/** A command asks twice, for the server and for the secret; what is wrong with it is to be said once. */
const found = new WeakMap<Context, Promise<Configuration>>();

/**
 * The configuration that a command finds which talks to a server. `undefined` where there is none: to check one takes as long as
 * all the rest of a short command.
 *
 * @throws CliError
 */
export async function findConfiguration(
  context: Context,
  { secret, config }: Pick<ServerFlags, 'secret' | 'config'>,
): Promise<Configuration | undefined> {
  const { io } = context;
  if (namesOfSettings(io.env).length === 0 && findConfigFile(io, config) === undefined) return undefined;
  const known = found.get(context);
  if (known !== undefined) return known;
  const { resolveConfiguration } = await import('./configuration.ts');
  const flags = [{ key: 'auth.secret', flag: '--secret', value: secret }];
  const configuration = resolveConfiguration(context, { config, flags });
  found.set(context, configuration);
  return configuration;
}
