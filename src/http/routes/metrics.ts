import type { Router } from 'express';
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client';
import type { Bus } from '../../contract/cluster.ts';
import type { Core } from '../../core/core.ts';
import type { ClusterFigures } from '../metrics.ts';

type Metrics = MetricObjectWithValues<MetricValue<string>>[];

interface Others {
  cluster: ClusterFigures | undefined;
  /** The other processes behind the same port, of which a scrape reaches one. */
  workers: Bus | undefined;
}

/** Prometheus metrics; open to all. The client library is loaded at the first scrape: most processes never see one. */
export function addMetricsRoute(router: Router, core: Core, { cluster, workers }: Others): void {
  let metrics: ReturnType<typeof load> | undefined;
  async function load() {
    const { createMetrics } = await import('../metrics.ts');
    return createMetrics(core, cluster);
  }

  const own = () => {
    metrics ??= load();
    return metrics;
  };
  workers?.answer('metrics', async () => (await own()).getMetricsAsJSON());

  router.get('/metrics', async (_request, response) => {
    const registry = await own();
    const all = workers === undefined ? registry : await withOthers(registry, workers);
    response.type(registry.contentType).send(await all.metrics());
  });
}

async function withOthers(registry: Registry, workers: Bus): Promise<Registry> {
  const [{ AggregatorRegistry }, own, { answers }] = await Promise.all([
    import('prom-client'),
    registry.getMetricsAsJSON(),
    workers.ask<Metrics>('metrics', null),
  ]);
  // Nothing is added up: each has its own node as a label.
  return AggregatorRegistry.aggregate([own, ...answers]);
}
