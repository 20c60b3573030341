import type { FlagSetting } from './settings.ts';

export interface StartFlags {
  config?: string;
  secret?: string;
  host?: string;
  port?: number;
  origin?: string[];
  maxConnectionsPerUser?: number;
  heartbeatTimeout?: string;
  heartbeatSource?: string;
  logLevel?: string;
  logFormat?: string;
  tlsCert?: string;
  tlsKey?: string;
  insecureHttp?: true;
  redis?: string;
  json?: true;
  tui?: true;
}

/** The settings that the flags of `start` stand for. Their values are checked where those of a file are. */
export function readStartFlags(flags: StartFlags): FlagSetting[] {
  return [
    { key: 'host', flag: '--host', value: flags.host },
    { key: 'port', flag: '--port', value: flags.port },
    { key: 'auth.secret', flag: '--secret', value: flags.secret },
    { key: 'cors.origins', flag: '--origin', value: flags.origin },
    { key: 'limits.connectionsPerUser', flag: '--max-connections-per-user', value: flags.maxConnectionsPerUser },
    { key: 'heartbeat.timeout', flag: '--heartbeat-timeout', value: flags.heartbeatTimeout },
    { key: 'heartbeat.source', flag: '--heartbeat-source', value: flags.heartbeatSource },
    { key: 'tls.cert', flag: '--tls-cert', value: flags.tlsCert },
    { key: 'tls.key', flag: '--tls-key', value: flags.tlsKey },
    { key: 'redis.url', flag: '--redis', value: flags.redis },
    { key: 'insecureHttp', flag: '--insecure-http', value: flags.insecureHttp },
    { key: 'log.level', flag: '--log-level', value: flags.logLevel },
    { key: 'log.format', flag: '--log-format', value: flags.logFormat ?? (flags.json ? 'json' : undefined) },
  ];
}
