import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { TargetOptions } from '../check/target.ts';
import { type Credentials, explainRefusal, givenToken, ownToken, requireServerOrSecret } from './admin-session.ts';
import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';
import type { ServerFlags } from './flags.ts';
import { locateServer, type ServerLocation } from './locate-server.ts';
import { signToken } from './sign-token.ts';
import { findTokenSettings, requireSecret } from './token-settings.ts';

export interface CheckTargetFlags extends ServerFlags {
  log?: string;
  origin?: string;
}

/** The server at `--url`, and how to get in. */
export interface CheckTarget {
  target: TargetOptions;
  logFile: string | undefined;
  /** Adds to an error what only the command line knows. */
  explain(error: unknown): unknown;
}

/** As long as the longest check: one that waits for a heartbeat of minutes. */
const ADMIN_TOKEN_MS = 3_600_000;

export async function findCheckTarget(context: Context, flags: CheckTargetFlags): Promise<CheckTarget> {
  const server = await locateServer(context, flags);
  const { credentials, ...tokens } = await findCredentials(context, flags, server);
  return {
    target: {
      url: server.url,
      path: server.path,
      ...tokens,
      frontendOrigin: flags.origin,
      adminToken: credentials.token,
    },
    logFile: findLogFile(context, flags),
    explain: (error) => explainRefusal(error, server, credentials),
  };
}

/** With the secret the check makes tokens as it likes; with the token of an administrator alone, the server makes sessions. */
async function findCredentials(
  context: Context,
  flags: CheckTargetFlags,
  server: ServerLocation,
): Promise<{ credentials: Credentials; mint?: NonNullable<TargetOptions['mint']>; path?: string | undefined }> {
  const said = flags.token ?? (flags.secret === undefined ? context.io.env['RTSERVER_TOKEN'] || undefined : undefined);
  const given = said && givenToken(said, flags.token === undefined ? 'RTSERVER_TOKEN' : '--token');
  if (given && flags.secret === undefined) return { credentials: given };
  const settings = await findTokenSettings(context, flags);
  await requireServerOrSecret(settings, server);
  requireSecret(settings);
  const mint: NonNullable<TargetOptions['mint']> = (request) => signToken(settings, request);
  const asAdmin = { userId: 'rtserver-check', expiresInMs: ADMIN_TOKEN_MS, claims: { scope: 'admin' } };
  return { credentials: given || ownToken(settings, () => mint(asAdmin)), mint, path: settings.path };
}

function findLogFile({ io }: Context, { log }: CheckTargetFlags): string | undefined {
  if (log === undefined) return undefined;
  const path = resolve(io.cwd, log);
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw usageError(`--log names a file that cannot be read: ${path}`, [], { cause });
  }
  return path;
}
