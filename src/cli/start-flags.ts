import type { Command } from 'commander';
import type { FlagSetting } from './configuration.ts';
import { variableOf } from './environment.ts';
import { each, toCount, toName, toPort, toWorkers } from './flags.ts';

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
  workers?: number | 'auto';
  json?: true;
  tui?: true;
  watch?: true;
  quiet?: true;
  verbose?: true;
}

/** The flags of `start` that stand for settings, beside `--secret` and `--config`. */
export function addSettingFlags(command: Command): void {
  command
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)', toName)
    .option('--port <port>', 'the port; 0 for any free one (default: 3000)', toPort)
    .option('--origin <origin>', 'a web origin whose pages may connect; may be repeated', each(toName))
    .option('--max-connections-per-user <n>', 'connections that one user may have (default: 3)', toCount)
    .option('--heartbeat-timeout <duration>', 'silence after which a client is closed (default: 60s)', toName)
    .option('--heartbeat-source <source>', 'ping or any (packet): what counts as a heartbeat (default: ping)', toName)
    .option(
      '--tls-cert <file>',
      'PEM file of the certificate, its chain included; taken up again when it changes',
      toName,
    )
    .option('--tls-key <file>', 'PEM file of its key', toName)
    .option('--insecure-http', 'allow plain HTTP beyond loopback in production: a proxy in front encrypts')
    .option('--redis <url>', 'one cluster with all servers on this Redis, redis:// or rediss://', toName)
    .option('--workers <n>', 'processes behind the one port; auto for one a core (default: 1)', toWorkers)
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default: info)', toName)
    .option('--log-format <format>', 'pretty or json (default: pretty on a terminal)', toName);
}

/** For the help: the variable of each flag. */
export function renderVariables(): string {
  const ofSettings = readStartFlags({}).map(({ key, flag }) => [flag, variableOf(key)] as const);
  const rows = [
    ['--config', 'RTSERVER_CONFIG'],
    ...ofSettings,
    ['--watch', 'RTSERVER_WATCH'],
    ['--tui', 'RTSERVER_TUI'],
  ];
  const lines = rows.map(
    ([flag = '', name = '']) => `  ${flag.padEnd(28)}${name === 'RTSERVER_AUTH_SECRET' ? 'RTSERVER_SECRET' : name}`,
  );
  return ['', 'In the environment (a flag wins):', ...lines].join('\n');
}

/** A server says what it does in its log. */
function readLogLevel({ logLevel, quiet, verbose }: StartFlags): FlagSetting {
  const key = 'log.level';
  if (logLevel === undefined && quiet) return { key, flag: '--quiet', value: 'warn' };
  if (logLevel === undefined && verbose) return { key, flag: '--verbose', value: 'debug' };
  return { key, flag: '--log-level', value: logLevel };
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
    { key: 'workers', flag: '--workers', value: flags.workers },
    { key: 'insecureHttp', flag: '--insecure-http', value: flags.insecureHttp },
    readLogLevel(flags),
    { key: 'log.format', flag: '--log-format', value: flags.logFormat ?? (flags.json ? 'json' : undefined) },
  ];
}
