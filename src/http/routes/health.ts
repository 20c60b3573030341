import type { Router } from 'express';
import { z } from 'zod';
import { VERSION } from '../../contract/version.ts';
import type { Core } from '../../core/core.ts';
import { parse } from '../parse.ts';

/** How a node stands to the others of its cluster. */
export interface Standing {
  /** Why it is cut off from them; `undefined` while it is not. */
  trouble(): string | undefined;
  /** Does it let clients in while it is? */
  servesAlone(): boolean;
}

export const readinessQuery = z.object({
  alone: z
    .literal('ok')
    .optional()
    .describe('200 also while it is cut off from its cluster, if it lets clients in then'),
});

/** For whoever watches the process; open to all. */
export function addHealthRoutes(router: Router, core: Core, { trouble, servesAlone }: Standing): void {
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok', server: 'rtserver', version: VERSION });
  });
  router.get('/readyz', (request, response) => {
    const { alone } = parse(readinessQuery, request.query);
    const reason = trouble();
    if (core.isDraining) response.status(503).json({ status: 'draining', reason: 'the server is stopping' });
    else if (reason === undefined) response.json({ status: 'ready' });
    else response.status(alone === 'ok' && servesAlone() ? 200 : 503).json({ status: 'alone', reason });
  });
}
