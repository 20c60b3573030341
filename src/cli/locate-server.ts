import { formatUrl, toReachable } from '../contract/server-url.ts';
import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';
import { findConfiguration } from './find-configuration.ts';
import type { ServerFlags } from './flags.ts';
import { findGivenToken } from './given-token.ts';
import { readServerFile } from './runtime-folder.ts';

export interface ServerLocation {
  url: string;
  /** The Socket.IO path, where it is known. */
  path?: string | undefined;
  /** For messages. */
  from: string;
}

/** `--url`, then RTSERVER_URL, then the server that runs in this folder, then where `start` would put one: port 3000 mostly. */
export async function locateServer(context: Context, flags: ServerFlags): Promise<ServerLocation> {
  return findServer(context, flags) ?? tell(context, await guessServer(context, flags));
}

/** The same without the last: `undefined` where nobody names one, and none runs in this folder. */
export function findServer(context: Context, { url }: ServerFlags): ServerLocation | undefined {
  const { io } = context;
  if (url !== undefined) return tell(context, { url: toHttp(url, '--url'), from: '--url' });
  const said = io.env['RTSERVER_URL'];
  if (said) return tell(context, { url: toHttp(checkUrl(said), 'RTSERVER_URL'), from: 'RTSERVER_URL' });
  const file = readServerFile(io.cwd);
  return file && tell(context, { url: file.url, path: file.path, from: '.rtserver/server.json' });
}

function tell({ output }: Context, server: ServerLocation): ServerLocation {
  output.detail(`server: ${server.url} (from ${server.from})`);
  return server;
}

const DEFAULT = { host: '127.0.0.1', port: 3_000 };
const EXAMPLE = formatUrl('http', DEFAULT.host, DEFAULT.port);

async function guessServer(context: Context, flags: ServerFlags): Promise<ServerLocation> {
  const configuration = await findConfiguration(context, flags).catch((error: unknown) => {
    // Whoever brings a token needs nothing else of it, and may not have what it takes: the secret of another machine.
    if (findGivenToken(context, flags.token) === undefined) throw error;
    context.output.detail(`the configuration is left aside: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  });
  if (configuration === undefined) return { url: EXAMPLE, from: 'the default' };
  const { settings, sourceOf } = configuration;
  // Any free port is none that could be guessed.
  const { host, port } = settings.port === 0 ? DEFAULT : settings;
  return {
    url: toReachable(formatUrl(settings.tls.cert === undefined ? 'http' : 'https', host, port)),
    path: settings.path,
    from: sourceOf('port') ?? sourceOf('host') ?? 'the default',
  };
}

function checkUrl(text: string): string {
  if (URL.canParse(text) && /^(?:https?|wss?):/i.test(text)) return text;
  throw usageError(`RTSERVER_URL must be a URL such as ${EXAMPLE}, got "${text}"`);
}

function toHttp(url: string, from: string): string {
  const { username, password } = new URL(url);
  // Not shown: the message may end up in a log.
  if (username !== '' || password !== '') {
    throw usageError(
      `${from} must hold no user and password: the server knows tokens only`,
      'Next: leave them out of it, and pass --token or --secret.',
    );
  }
  return url.replace(/^ws(?=s?:)/i, 'http');
}
