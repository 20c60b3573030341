import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { TargetOptions } from '../check/target.ts';
import { describeFileTrouble } from '../contract/file-trouble.ts';
import {
  type Credentials,
  explainRefusal,
  requireServerOrSecret,
  withGivenToken,
  withOwnToken,
} from './admin-session.ts';
import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';
import type { ServerFlags } from './flags.ts';
import { findGivenToken } from './given-token.ts';
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

/** The server that `check` is to look at, and what it comes with. */
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
  const given = findGivenToken(context, flags.token, flags.secret !== undefined);
  if (given !== undefined && flags.secret === undefined) return { credentials: withGivenToken(given) };
  const settings = await findTokenSettings(context, flags);
  await requireServerOrSecret(settings, server);
  requireSecret(settings);
  const mint: NonNullable<TargetOptions['mint']> = (request) => signToken(settings, request);
  const asAdmin = { userId: 'rtserver-check', expiresInMs: ADMIN_TOKEN_MS, claims: { scope: 'admin' } };
  const credentials = given === undefined ? withOwnToken(settings, () => mint(asAdmin)) : withGivenToken(given);
  return { credentials, mint, path: settings.path };
}

function findLogFile({ io }: Context, { log }: CheckTargetFlags): string | undefined {
  if (log === undefined) return undefined;
  const path = resolve(io.cwd, log);
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw usageError(
      `--log names a file that cannot be read: ${describeFileTrouble(cause)}`,
      'Next: name the log of that server, or leave it out.',
      { cause },
    );
  }
  return path;
}
