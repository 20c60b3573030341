import { createOriginCheck, defaultOrigins, type MayConnectFrom } from './core/origin.ts';
import { boundHost, type ResolvedOptions } from './options.ts';

/** The check of origins that is in force. */
export interface OriginGate {
  mayConnectFrom: MayConnectFrom;
  /** After a reload, and when a borrowed server has begun to listen: until then its host is not known. */
  renew(): void;
}

export function createOriginGate({ settings, embedding }: ResolvedOptions): OriginGate {
  const makeCheck = () => {
    const host = embedding.server === undefined ? settings.host : boundHost(embedding.server);
    const { origins = host === undefined ? [] : defaultOrigins(host), requireOrigin } = settings.cors;
    return createOriginCheck({ origins, requireOrigin });
  };
  let check = makeCheck();
  return {
    mayConnectFrom: (origin) => check(origin),
    renew() {
      check = makeCheck();
    },
  };
}
