import type { Router } from 'express';
import type { Core } from '../../core/core.ts';

/** Ends connections by an administrator's hand. */
export function addClosingRoutes(router: Router, core: Core): void {
  router.delete('/sockets/:id', ({ params }, response) => {
    response.json({ ok: true, closed: core.closeSocket(params.id, 'KICKED') });
  });
  router.delete('/users/:userId/sockets', ({ params }, response) => {
    response.json({ ok: true, closed: core.closeUser(params.userId, 'KICKED') });
  });
}
