import type { IncomingMessage } from 'node:http';
import type { Backplane } from '../contract/cluster.ts';
import type { Identity } from '../contract/identity.ts';
import type { Log } from '../contract/log-names.ts';
import type { ApplicationParts } from './application.ts';
import type { Authenticate } from './handshake.ts';
import type { NextTick } from './intake.ts';

/** What the core needs of the options; everything is complete and checked. */
export interface CoreOptions {
  /** Read at each use: they may be changed while the server runs. */
  limits: {
    connectionsPerUser: number;
    onExceeded: 'reject' | 'replace-oldest';
    connections?: number | undefined;
    roomsPerSocket: number;
    eventsPerSecond: number;
    bufferedBytes: number;
    connectsPerSecond?: number | undefined;
  };
  heartbeat: { timeout: number; source: 'ping' | 'any' };
  ackTimeoutMs: number;
  /** From a transport to a namespace on it. */
  connectTimeoutMs: number;
  shutdown: { timeout: number; spread: number };
  application: ApplicationParts;
  /** May events of clients go past Socket.IO? */
  fastPath: boolean;
  /** Name of this node in lists and metrics. */
  node: string;
}

/** What the core asks of the outside. */
export interface CorePorts {
  log: Log;
  authenticate: Authenticate;
  /** Checks the token of `auth:refresh`. */
  verifyToken(token: unknown): Identity | Promise<Identity>;
  addressOf(request: IncomingMessage): string;
  nextTick: NextTick;
  /** The other nodes, where there are any. */
  backplane: Pick<Backplane, 'slots' | 'bus' | 'report'> | undefined;
}
