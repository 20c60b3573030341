import { isLoopback } from '../contract/loopback.ts';
import type { ResolvedSettings } from '../settings-schema.ts';
import { requireAll, usageError } from './cli-error.ts';

/**
 * What nobody means to run in production, refused with what to set instead.
 *
 * @throws CliError
 */
export function requireProductionSafety(settings: ResolvedSettings): void {
  requireAll(
    () => requireKnownPages(settings),
    () => requireEncryption(settings),
  );
}

function requireKnownPages({ cors }: ResolvedSettings): void {
  if (cors.origins?.some(isAnybody)) {
    throw usageError('with NODE_ENV=production any web page may not connect with the credentials of its visitor', [
      'Next: set cors.origins (--origin) to the origins of your own pages: https://*.app.example goes, *, https://* and https://*.com do not.',
    ]);
  }
}

function requireEncryption({ host, tls, insecureHttp }: ResolvedSettings): void {
  if (!isLoopback(host) && tls.cert === undefined && !insecureHttp) {
    throw usageError(`with NODE_ENV=production tokens may not travel unencrypted to ${host}`, [
      'Next: pass --tls-cert and --tls-key, or --insecure-http when a proxy in front does the encryption.',
    ]);
  }
}

/** `*` for a whole host, or for everything below a top-level domain. */
const isAnybody = (origin: string) => origin === '*' || /:\/\/\*(?:\.[^.:]+)?(?::|$)/.test(origin);
