import type { Settings } from '../../src/settings-schema.ts';
import { type BuiltServer, startBuiltServer } from '../hardening/built-server.ts';

/** Processes of the built program that share what is behind the URLs, which may be the same. */
export function startNodes<Urls extends readonly string[]>(
  urls: Urls,
  limits: Settings['limits'] = {},
): Promise<{ -readonly [Each in keyof Urls]: BuiltServer }> {
  const nodes = urls.map((url) => startBuiltServer({ redis: { url }, limits, shutdown: { spread: 0 } }));
  return Promise.all(nodes) as Promise<{ -readonly [Each in keyof Urls]: BuiltServer }>;
}

/** Two of them. */
export const startTwoNodes = ({ url }: { url: string }, limits?: Settings['limits']) =>
  startNodes([url, url] as const, limits);
