import type { Delta } from '../recorder.ts';
import type { ScenarioConfig } from '../scenario/file-schemas.ts';
import type { TokenMaker } from '../tokens.ts';

/** What the engine is told, in a file that only its owner can read: the path stands in `config.rtserver.run`. */
export interface RunSettings {
  /** Name of the BroadcastChannel between Artillery's workers and the reporter in its main thread. */
  channel: string;
  target: { url: string; path: string };
  tokens: TokenMaker;
  /** May the HTTP API be used? */
  hasAdmin: boolean;
  /** Can the server be restarted? */
  canRestart: boolean;
  /** Does anybody read Artillery's own metrics? They cost as much as the rest of an event. */
  hasMetrics: boolean;
  /** Do several scenarios share the verdict, so that checks carry their names? */
  isQualified: boolean;
}

/** Worker to main thread to us. */
export type FromWorker =
  | { kind: 'delta'; worker: number; delta: Delta }
  | { kind: 'log'; text: string }
  | { kind: 'restart'; id: string };

/** What Artillery's own run came to. */
export type FromMain =
  | { kind: 'arrivals' }
  | { kind: 'worker-error'; message: string }
  | { kind: 'thresholds'; thresholds: Threshold[] };

export type FromArtillery = FromWorker | FromMain;

/** Us to worker. */
export interface ToWorker {
  kind: 'restarted';
  id: string;
  error?: string;
}

export interface Threshold {
  expression: string;
  isMet: boolean;
  isStrict: boolean;
  /** Why it could not be judged; then it is not met. */
  problem?: string | undefined;
}

export interface Script {
  config: ScenarioConfig & { target: string };
  scenarios: { name?: string | undefined; engine: string; weight?: number | undefined; flow: unknown[] }[];
}
