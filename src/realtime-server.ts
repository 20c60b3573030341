import type { Server as HttpServer } from 'node:http';
import type { Express } from 'express';
import type { EventSchemas } from './contract/events.ts';
import type { RtServer } from './core/connection.ts';
import type { Emitter } from './core/emitter.ts';
import type { RealtimeServerOptions } from './options.ts';
import type { ReloadReport } from './reload.ts';
import type { ResolvedSettings } from './settings-schema.ts';

/** A running server. */
export interface RealtimeServer<Schemas extends EventSchemas = EventSchemas> {
  /** `http(s)://host:port` with the real port; of a server of your own, once it listens. */
  readonly url: string;
  /** What is in force, defaults filled in, times in milliseconds and sizes in bytes. Not to be written to: see `reload`. */
  readonly settings: ResolvedSettings;
  /** Sends events, typed by `events`; on a cluster to the sockets of all nodes. */
  readonly emitter: Emitter<Schemas>;
  readonly users: Users;
  /**
   * The Socket.IO server, for whoever needs more. Once a socket is connected, its `request` is method, `url`, `headers` and
   * `socket` alone; where middleware was added by `io.engine.use`, it stays what it was.
   */
  readonly io: RtServer;
  /** The Express app of the HTTP API. Routes may be added at any time; the server's own come first. */
  readonly app: Express;
  /** The HTTP server that all of it hangs on: yours, where `server` was given. */
  readonly http: HttpServer;
  /**
   * Takes up other options without dropping a connection: origins, limits, the log level, events and modules. The rest is
   * named in `needsRestart` and stays as it is. All of it or nothing.
   *
   * @throws RtError `CONFIG_INVALID`: then everything is as before
   */
  reload(options: RealtimeServerOptions<Schemas>): ReloadReport;
  /**
   * Stops gracefully: not ready, no new connections, everybody told `SERVER_SHUTDOWN`, then the port is free; a server of your
   * own is given back as it was, and goes on listening. Safe to call twice; resolves when all is done, within `shutdown.timeout`.
   */
  close(): Promise<void>;
}

export interface Users {
  /** Has the user a live socket on this node? */
  isOnline(userId: string): boolean;
  /** Ends the user's sockets on this node with the closing `KICKED`. @returns how many */
  kick(userId: string): number;
  /** @deprecated by `kick`, which is the word everywhere else */
  disconnectUser(userId: string): number;
}
