import { RtError } from '../contract/errors.ts';

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
