import { isLoopback } from '../contract/loopback.ts';

/** Which origins may connect; checked by the options gate. */
export interface OriginRules {
  origins: readonly string[];
  /** Are clients without an `Origin` header, which are not browsers, refused too? */
  requireOrigin: boolean;
}

/** May a request with this `Origin` header come in? */
export type MayConnectFrom = (origin: string | undefined) => boolean;

/**
 * An origin is compared whole: scheme, host and port. `*` in the host of a configured origin stands for one or more
 * labels, as a port for any port; alone it stands for any origin but the text `null`, which sandboxed pages send.
 */
export function createOriginCheck({ origins, requireOrigin }: OriginRules): MayConnectFrom {
  const patterns = origins.map(toPattern);
  return (origin) => {
    if (origin === undefined || origin === '') return !requireOrigin;
    if (origin === 'null') return false;
    const normal = origin.toLowerCase();
    return patterns.some((pattern) => pattern.test(normal));
  };
}

function toPattern(origin: string): RegExp {
  if (origin === '*') return /^[a-z][a-z0-9+.-]*:\/\/\S+$/;
  const [scheme = '', rest = ''] = origin.toLowerCase().split('://', 2);
  const { host = '', port } = /^(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>.+))?$/.exec(rest)?.groups ?? {};
  const label = '[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*';
  const hostPattern = host.split('*').map(escapeText).join(label);
  return new RegExp(`^${escapeText(scheme)}://${hostPattern}${portPattern(scheme, port)}$`);
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

/** Browsers leave out the port that goes with the scheme, so `https://app.example:443` must match without it. */
function portPattern(scheme: string, port: string | undefined): string {
  if (port === '*') return '(?::\\d{1,5})?';
  const standard = DEFAULT_PORTS[scheme];
  if (port === undefined || port === standard) return standard === undefined ? '' : `(?::${standard})?`;
  return `:${port}`;
}

const escapeText = (text: string) => text.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&');

/** What is allowed when nothing is configured: on a loopback address every page of this machine, elsewhere no page. */
export function defaultOrigins(host: string): string[] {
  if (!isLoopback(host)) return [];
  return ['localhost', '127.0.0.1', '[::1]'].flatMap((name) => [`http://${name}:*`, `https://${name}:*`]);
}
