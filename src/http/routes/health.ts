import type { Router } from 'express';
import { VERSION } from '../../contract/version.ts';
import type { Core } from '../../core/core.ts';

/** For whoever watches the process; open to all. */
export function addHealthRoutes(router: Router, core: Core, trouble: () => string | undefined): void {
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok', server: 'rtserver', version: VERSION });
  });
  router.get('/readyz', (_request, response) => {
    const reason = trouble();
    if (core.isDraining) response.status(503).json({ status: 'draining', reason: 'the server is stopping' });
    else if (reason !== undefined) response.status(503).json({ status: 'alone', reason });
    else response.json({ status: 'ready' });
  });
}
