import type { Router } from 'express';
import type { Core } from '../../core/core.ts';
import type { ClusterFigures } from '../metrics.ts';

/** Prometheus metrics; open to all. The client library is loaded at the first scrape: most processes never see one. */
export function addMetricsRoute(router: Router, core: Core, cluster: ClusterFigures | undefined): void {
  let metrics: ReturnType<typeof load> | undefined;
  async function load() {
    const { createMetrics } = await import('../metrics.ts');
    return createMetrics(core, cluster);
  }

  router.get('/metrics', async (_request, response) => {
    metrics ??= load();
    const registry = await metrics;
    response.type(registry.contentType).send(await registry.metrics());
  });
}
