import type { RtError } from '../contract/errors.ts';
import { DEFAULT_PATH, splitUrl } from '../contract/server-url.ts';
import type { NamedServer } from '../load/run-load.ts';
import { requireServerOrSecret } from './admin-session.ts';
import { CliError, usageError } from './cli-error.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit-code.ts';
import type { ServerFlags } from './flags.ts';
import { findGivenToken } from './given-token.ts';
import { findServer } from './locate-server.ts';
import { findTokenSettings, requireSecret } from './token-settings.ts';

/** The server that is named or runs in this folder, and how tokens for it are made. `undefined`: one is to be started. */
export async function findLoadServer(
  context: Context,
  flags: ServerFlags,
  target: string | undefined,
): Promise<NamedServer | undefined> {
  const named =
    flags.url === undefined && !context.io.env['RTSERVER_URL'] && target !== undefined ? { url: target } : {};
  const server = findServer(context, { ...flags, ...named });
  if (server === undefined) return undefined;
  const { url, from } = server;
  // Wires take the path of the whole place; the prefix is a part of it.
  const toPath = (path: string | undefined) => splitUrl(url).prefix + (path ?? DEFAULT_PATH);
  const given = findGivenToken(context, flags.token, flags.secret !== undefined);
  if (given !== undefined) return { url, path: toPath(server.path), tokens: { kind: 'given', token: given.token } };
  const settings = await findTokenSettings(context, flags);
  // Nobody there is the first thing to know.
  await requireServerOrSecret(settings, { url, from }).catch((error: RtError) => {
    throw unreachable(url, String(error.detail['reason'] ?? error.message), error);
  });
  const { value: secret } = requireSecret(settings);
  const { issuer, audience } = settings.rules;
  const [algorithm = 'HS256'] = (settings.auth.algorithms ?? []) as ('HS256' | 'HS384' | 'HS512')[];
  return {
    url,
    path: toPath(server.path ?? settings.path),
    tokens: { kind: 'secret', secret, algorithm, issuer, audience },
  };
}

function unreachable(where: string, why: string, cause: Error): CliError {
  const next =
    'Next: start one with `rtserver start`, name another with --url, or leave --url out: one is then started for the run.';
  return new CliError(EXIT.unreachable, `${where} cannot be reached: ${why}`, next, { cause });
}

/** What kept a run from beginning, for people. */
export function explainLoadFailure(error: unknown, server: NamedServer | undefined): unknown {
  if (!(error instanceof Error)) return error;
  const kind = 'kind' in error ? error.kind : undefined;
  const where = server?.url ?? 'the server of the run';
  if (error.name === 'WireError' && kind !== 'http') return unreachable(where, error.message, error);
  if (error.name === 'WireError') {
    const next = 'Next: ask why with `rtserver probe URL`.';
    return new CliError(EXIT.refused, `${where} does not let us in: ${error.message}`, next, { cause: error });
  }
  if (error.name === 'Refused') {
    const code = 'code' in error && error.code !== undefined ? ` (${error.code})` : '';
    const next =
      'Next: pass the secret that the server was started with (--secret @FILE or RTSERVER_SECRET), or --token.';
    return new CliError(EXIT.refused, `${where} refuses us: ${error.message}${code}`, next, { cause: error });
  }
  if (error.name === 'ScenarioUnfit') {
    return usageError(`the scenario cannot be run: ${error.message}`, 'Next: give it a value with --var NAME=VALUE.', {
      cause: error,
    });
  }
  if (error.name === 'ServerNotStarted') {
    const isUsage = 'isUsage' in error && error.isUsage === true;
    const message = `the server of the run did not start:\n${error.message}`;
    return isUsage ? usageError(message) : new CliError(EXIT.broken, message, [], { cause: error });
  }
  return error;
}
