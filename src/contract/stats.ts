/** `GET /api/stats`. Counts are since the start of the server, `uptimeMs` of the process, rates a second over the last ten, times milliseconds. */
export interface Stats {
  node: string;
  version: string;
  uptimeMs: number;
  serverTime: number;
  connections: number;
  users: number;
  /** Those of users included, as in the list of rooms; the dashboard counts the others alone. */
  rooms: number;
  /** Places held by handshakes and connections; equals `connections` when nobody is connecting. */
  slots: number;
  totals: StatTotals;
  rates: StatRates;
  limits: StatLimits;
  process: ProcessFigures;
  /** Every node of a cluster, the one that was asked first. */
  cluster?: { nodes: NodeStats[]; missingNodes: number | null };
}

/** A node of a cluster, as it sees itself. */
export interface NodeStats {
  node: string;
  connections: number;
  users: number;
  slots: number;
  isDraining: boolean;
}

export interface StatTotals extends StatRates {
  heartbeatTimeouts: number;
  emitFailures: number;
  /** By code. */
  refusedByCode: Record<string, number>;
  closedByCode: Record<string, number>;
}

export interface StatRates {
  accepted: number;
  refused: number;
  closed: number;
  eventsEmitted: number;
  deliveries: number;
  eventsReceived: number;
}

/** Limits in force; `null` for none. */
export interface StatLimits {
  connectionsPerUser: number;
  onExceeded: 'reject' | 'replace-oldest';
  connections: number | null;
  roomsPerSocket: number;
  eventsPerSecond: number;
  payloadBytes: number;
  bufferedBytes: number;
  connectsPerSecond: number | null;
  heartbeatTimeoutMs: number;
  heartbeatSource: 'ping' | 'any';
}

export interface ProcessFigures {
  pid: number;
  rssBytes: number;
  heapUsedBytes: number;
  cpuUserMs: number;
  cpuSystemMs: number;
  eventLoopDelayMs: { p50: number; p99: number; max: number };
}
