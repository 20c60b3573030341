import { RtError } from './errors.ts';

/** Where Socket.IO is on a server that was told nothing else. */
export const DEFAULT_PATH = '/socket.io';

/** `http(s)://host:port` as clients would write it. */
export function formatUrl(protocol: 'http' | 'https', host: string, port: number): string {
  return `${protocol}://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

/**
 * Where a server is: `ws:` is `http:`. What is wrong with a URL is said without it: there may be a password in it.
 *
 * @throws RtError `CONFIG_INVALID`
 */
export function parseUrl(url: string): URL {
  try {
    const parsed = new URL(url.replace(/^ws(?=s?:)/i, 'http'));
    if (/^https?:$/.test(parsed.protocol)) return parsed;
  } catch {}
  throw new RtError('CONFIG_INVALID', { key: 'url', reason: 'url must be a URL such as https://rt.example' });
}

/**
 * A server that may be behind a prefix of a proxy: Socket.IO itself takes the path of a URL for a namespace.
 *
 * @throws RtError `CONFIG_INVALID`
 */
export function splitUrl(url: string): { origin: string; prefix: string } {
  const { origin, pathname } = parseUrl(url);
  return { origin, prefix: pathname.replace(/\/+$/, '') };
}

/** Where a URL leads, as sockets take it: IPv6 without its brackets, and the port of the scheme where none is said. */
export function addressOf({ hostname, port, protocol }: URL): { host: string; port: number } {
  const isSecure = protocol === 'https:' || protocol === 'wss:';
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (isSecure ? 443 : 80)) };
}

/** An address that means all of them is no address to connect to. */
export function toReachable(url: string): string {
  return url.replace('//0.0.0.0', '//127.0.0.1').replace('//[::]', '//[::1]');
}
