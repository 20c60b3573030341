import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { shorten } from '../contract/printable.ts';
import { usageError } from './cli-error.ts';

const EXAMPLE = 'export default { port: 4000 };';

/**
 * The default export of a configuration file that is a program.
 *
 * @param filesRead takes the paths of all that it imports, also where it fails
 * @throws CliError
 */
export async function importConfiguration(path: string, filesRead: Set<string>): Promise<unknown> {
  const exported = await importModule(path, filesRead);
  // Without its default, and not the module in the place of one that is missing, as jiti would have it.
  if (!Object.hasOwn(exported, 'default'))
    throw usageError(`${path} has no default export`, `Next: let it export its settings so: ${EXAMPLE}`);
  const { default: content } = exported;
  if (typeof content === 'function')
    throw usageError(
      `${path} exports a function as its default, where an object must be`,
      `Next: export what it returns (await works there too): ${EXAMPLE}`,
    );
  return await content;
}

async function importModule(path: string, filesRead: Set<string>): Promise<{ default?: unknown }> {
  const { createJiti } = await import('jiti');
  const compiler = createJiti(path, { fsCache: false });
  const jiti = createJiti(path, {
    transform(options) {
      if (options.filename !== undefined) filesRead.add(options.filename);
      return { code: compiler.transform(options) };
    },
    moduleCache: false,
    fsCache: false,
    // This very package: the file works without it being installed beside it, and `realtime` is the one of this server.
    virtualModules: { rtserver: await import('../index.ts'), 'rtserver/client': await import('../client/index.ts') },
  });
  try {
    return await jiti.import(path);
  } catch (cause) {
    throw usageError(`${path} cannot be loaded: ${describeThrown(cause, filesRead)}`, [], { cause });
  }
}

/** On one line, with the line of the user's own that it came from, where it does not say so itself. */
function describeThrown(thrown: unknown, files: ReadonlySet<string>): string {
  if (!(thrown instanceof Error)) return `it throws ${shorten(inspect(thrown))}`;
  const [what = ''] = thrown.message.split('\nRequire stack:');
  const message = what.replace(/\s*\n\s*/g, ' ');
  const place = findPlace(thrown, files);
  return place === undefined ? message : `${message} (${place})`;
}

/** The innermost line of the user's own that an error came from. */
function findPlace({ stack = '', message }: Error, files: ReadonlySet<string>): string | undefined {
  const frames = stack.slice(stack.indexOf(message) + message.length);
  for (const [, at = '', line] of frames.matchAll(/(?:\(|at (?:async )?)([^()\n]+):(\d+):\d+\)?$/gm)) {
    const path = at.startsWith('file:') ? fileURLToPath(at) : at;
    if (files.has(path)) return `${path}:${line}`;
  }
  return undefined;
}
