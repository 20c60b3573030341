import { createHmac } from 'node:crypto';
import type { Bus } from './contract/cluster.ts';
import type { Log } from './contract/log-names.ts';
import { VERSION } from './contract/version.ts';
import type { ResolvedSettings } from './settings-schema.ts';

type Terms = Readonly<Record<string, string | number>>;

interface Introduction {
  node: string;
  terms: Terms;
}

/** Looks whether the nodes of a cluster agree on what is the same for all of them. */
export interface Agreement {
  /** Asks the others: when this node comes, comes back, or has other settings. */
  compare(): Promise<void>;
}

/** Each difference is logged once, whichever nodes have it. */
export function watchAgreement(bus: Bus, node: string, settings: ResolvedSettings, log: Log): Agreement {
  const logged = new Set<string>();
  const introduce = (): Introduction => ({ node, terms: termsOf(settings) });

  function look({ node: other, terms: there }: Introduction): void {
    const here = termsOf(settings);
    const keys = [...new Set([...Object.keys(here), ...Object.keys(there)])].filter((key) => here[key] !== there[key]);
    const differs = Object.fromEntries(keys.map((key) => [key, { here: here[key], there: there[key] }]));
    const text = JSON.stringify(differs);
    if (keys.length === 0 || logged.has(text)) return;
    logged.add(text);
    log.warn('cluster.differs', { from: other, differs });
  }

  bus.answer('introduce', (theirs: Introduction) => {
    look(theirs);
    return introduce();
  });
  return {
    async compare() {
      const { answers } = await bus.ask<Introduction>('introduce', introduce());
      for (const theirs of answers) {
        try {
          look(theirs);
        } catch {
          // Anybody may answer on Redis: what is no introduction is none.
        }
      }
    },
  };
}

const termsOf = ({ auth, limits }: ResolvedSettings): Terms => ({
  version: VERSION,
  'limits.connectionsPerUser': limits.connectionsPerUser,
  'limits.onExceeded': limits.onExceeded,
  'limits.whenStoreDown': limits.whenStoreDown,
  auth: fingerprint(auth),
});

/** Tells the keys of two nodes apart, and no more: 16 bits are too few to find a secret by trying. */
function fingerprint(auth: ResolvedSettings['auth']): string {
  return createHmac('sha256', JSON.stringify(auth)).update('rtserver cluster').digest('hex').slice(0, 4);
}
