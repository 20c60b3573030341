import type { Router } from 'express';
import type { StatLimits, Stats } from '../../contract/stats.ts';
import { VERSION } from '../../contract/version.ts';
import type { Core } from '../../core/core.ts';
import type { Everywhere } from '../../core/everywhere.ts';
import type { ProcessWatch } from '../process-figures.ts';

export function addStatsRoute(
  router: Router,
  core: Core,
  everywhere: Everywhere,
  readLimits: () => StatLimits,
  watch: ProcessWatch,
): void {
  router.get('/stats', async (_request, response) => {
    const cluster = await everywhere.nodes();
    const stats: Stats = {
      version: VERSION,
      uptimeMs: Math.round(process.uptime() * 1_000),
      ...core.stats(),
      limits: readLimits(),
      process: watch.read(),
      ...(cluster !== undefined && { cluster }),
    };
    response.json(stats);
  });
}
