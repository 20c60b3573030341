import type { Router } from 'express';
import type { Everywhere } from '../../core/everywhere.ts';

/** Ends connections by an administrator's hand. */
export function addClosingRoutes(router: Router, everywhere: Everywhere): void {
  router.delete('/sockets/:id', async ({ params }, response) => {
    response.json({ ok: true, ...(await everywhere.kick({ socketId: params.id })) });
  });
  router.delete('/users/:userId/sockets', async ({ params }, response) => {
    response.json({ ok: true, ...(await everywhere.kick({ userId: params.userId })) });
  });
}
