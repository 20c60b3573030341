import type { Router } from 'express';
import type { StatLimits, Stats } from '../../contract/stats.ts';
import { VERSION } from '../../contract/version.ts';
import type { Core } from '../../core/core.ts';
import type { ProcessWatch } from '../process-figures.ts';

export function addStatsRoute(router: Router, core: Core, limits: StatLimits, watch: ProcessWatch): void {
  router.get('/stats', (_request, response) => {
    const stats: Stats = {
      version: VERSION,
      uptimeMs: Math.round(process.uptime() * 1_000),
      ...core.stats(),
      limits,
      process: watch.read(),
    };
    response.json(stats);
  });
}
