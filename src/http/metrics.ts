import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Core, CoreStats } from '../core/core.ts';
import type { Counters } from '../core/stats.ts';

type GaugeRow = [name: string, help: string, read: (stats: CoreStats) => number];
type CounterRow = [name: string, help: string, read: (counters: Counters) => number];
type LabelledRow = [
  name: string,
  help: string,
  label: string,
  read: (counters: Counters) => ReadonlyMap<string, number>,
];

const GAUGES: readonly GaugeRow[] = [
  ['rtserver_connections', 'Live connections', ({ connections }) => connections],
  ['rtserver_users', 'Users with at least one live connection', ({ users }) => users],
  ['rtserver_rooms', 'Rooms with at least one socket', ({ rooms }) => rooms],
];

const COUNTERS: readonly CounterRow[] = [
  ['rtserver_connections_accepted_total', 'Connections let in', ({ accepted }) => accepted],
  ['rtserver_events_emitted_total', 'Events emitted', ({ eventsEmitted }) => eventsEmitted],
  ['rtserver_deliveries_total', 'Events times their recipients', ({ deliveries }) => deliveries],
  ['rtserver_events_missed_total', 'Events of other nodes that never came', ({ eventsMissed }) => eventsMissed],
  ['rtserver_events_received_total', 'Events that clients sent', ({ eventsReceived }) => eventsReceived],
  ['rtserver_heartbeat_timeouts_total', 'Connections ended by silence', ({ heartbeatTimeouts }) => heartbeatTimeouts],
];

const LABELLED: readonly LabelledRow[] = [
  ['rtserver_connections_refused_total', 'Connections not let in', 'code', ({ refused }) => refused],
  ['rtserver_connections_closed_total', 'Connections that ended', 'code', ({ closed }) => closed],
  ['rtserver_emit_failures_total', 'Events that were not sent', 'reason', ({ emitFailures }) => emitFailures],
];

/** What is known of the other nodes without asking them. */
export interface ClusterFigures {
  isConnected(): boolean;
}

/** Watch the process for as long as it lives, and nobody can end that: once for all servers that it has one after the other. */
let processMetrics: Registry | undefined;

function createProcessMetrics(): Registry {
  const registry = new Registry();
  const { user, system } = process.cpuUsage();
  collectDefaultMetrics({ register: registry });
  // They count from now on, and now is the first scrape: what was used before it is theirs as well.
  for (const [kind, microseconds] of [
    ['user_', user],
    ['system_', system],
    ['', user + system],
  ] as const) {
    (registry.getSingleMetric(`process_cpu_${kind}seconds_total`) as Counter | undefined)?.inc(microseconds / 1e6);
  }
  return registry;
}

/** All metrics of a scrape are collected in one turn: what they read is read once. */
function onceATurn<Value>(read: () => Value): () => Value {
  let value: { is: Value } | undefined;
  return () => {
    if (value === undefined) {
      value = { is: read() };
      queueMicrotask(() => {
        value = undefined;
      });
    }
    return value.is;
  };
}

/** A registry that reads the core when it is scraped, with the process's own metrics. */
export function createMetrics(core: Core, cluster: ClusterFigures | undefined): Registry {
  const registry = new Registry();
  if (cluster !== undefined) registry.setDefaultLabels({ node: core.node });
  const registers = [registry];
  processMetrics ??= createProcessMetrics();
  for (const metric of processMetrics.getMetricsAsArray()) registry.registerMetric(metric as unknown as Gauge);
  const readStats = onceATurn(() => core.stats());

  for (const [name, help, read] of GAUGES) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(readStats()));
      },
    });
  }
  new Gauge({
    name: 'rtserver_buffered_bytes',
    help: 'Bytes waiting for all clients together',
    registers,
    collect() {
      this.set(core.bufferedBytes());
    },
  });
  if (cluster !== undefined) {
    new Gauge({
      name: 'rtserver_cluster_connected',
      help: '1 while this node and the others can reach each other, else 0',
      registers,
      collect() {
        this.set(cluster.isConnected() ? 1 : 0);
      },
    });
  }
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read(core.counters));
      },
    });
  }
  for (const [name, help, label, read] of LABELLED) {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [value, count] of read(core.counters)) this.inc({ [label]: value }, count);
      },
    });
  }
  return registry;
}
