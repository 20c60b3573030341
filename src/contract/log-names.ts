/** `msg` of each line that the server logs. */
export type LogName =
  | 'server.listening'
  | 'server.draining'
  | 'server.stopped'
  | 'server.failed'
  | 'worker.started'
  | 'worker.failed'
  | 'worker.silent'
  | 'worker.answered'
  | 'worker.ended'
  | 'connection.accepted'
  | 'connection.refused'
  | 'connection.closed'
  | 'heartbeat.timeout'
  | 'event.emitted'
  | 'event.failed'
  | 'event.missed'
  | 'room.joined'
  | 'room.left'
  | 'handler.failed'
  | 'viewer.failed'
  | 'delivery.ordinary'
  | 'intake.ordinary'
  | 'request.failed'
  | 'cluster.alone'
  | 'cluster.joined'
  | 'cluster.differs'
  | 'cluster.reload_failed'
  | 'keys.unavailable'
  | 'log.dropped'
  | 'config.reloaded'
  | 'config.reload_failed'
  | 'tls.reloaded'
  | 'tls.reload_failed';

export type LogFields = Readonly<Record<string, unknown>>;

/** The four levels that the server logs at; a pino logger behind a narrow port, so that `core` needs no logger of its own. */
export interface Log {
  debug(name: LogName, fields: LogFields): void;
  info(name: LogName, fields: LogFields): void;
  warn(name: LogName, fields: LogFields): void;
  error(name: LogName, fields: LogFields): void;
  /** Is `info` written at all? */
  isInfo(): boolean;
  /** Is `debug` written at all? Asked before fields are put together on hot paths. */
  isDebug(): boolean;
}
