import { usageError } from './cli-error.ts';
import type { Context } from './context.ts';
import type { ServerFlags } from './flags.ts';
import { readServerFile } from './runtime-folder.ts';

export interface ServerLocation {
  url: string;
  /** The Socket.IO path, where it is known. */
  path?: string | undefined;
  /** For messages. */
  from: string;
}

const DEFAULT_URL = 'http://127.0.0.1:3000';

/** `--url`, then RTSERVER_URL, then the server that runs in this folder, then port 3000. */
export function locateServer(context: Context, flags: ServerFlags): ServerLocation {
  const server = findServer(context, flags);
  context.output.detail(`server: ${server.url} (from ${server.from})`);
  return server;
}

function findServer({ io }: Context, { url }: ServerFlags): ServerLocation {
  if (url !== undefined) return { url: toHttp(url, '--url'), from: '--url' };
  const said = io.env['RTSERVER_URL'];
  if (said) return { url: toHttp(checkUrl(said), 'RTSERVER_URL'), from: 'RTSERVER_URL' };
  const file = readServerFile(io.cwd);
  if (file !== undefined) return { url: file.url, path: file.path, from: '.rtserver/server.json' };
  return { url: DEFAULT_URL, from: 'the default' };
}

function checkUrl(text: string): string {
  if (URL.canParse(text) && /^(?:https?|wss?):/i.test(text)) return text;
  throw usageError(`RTSERVER_URL must be a URL such as ${DEFAULT_URL}, got "${text}"`);
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
