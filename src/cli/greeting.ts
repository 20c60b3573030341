import { formatDuration } from '../contract/units.ts';
import type { ResolvedSettings } from '../settings-schema.ts';
import type { Output } from './output.ts';

export interface Greeting {
  url: string;
  version: string;
  settings: ResolvedSettings;
  /** Where the secret came from; `undefined` where it is a key that is elsewhere. */
  secretFrom: string | undefined;
  /** The configuration file. */
  file: string | undefined;
}

/** What `start` says on a terminal: where it listens, what is in force, what to try. */
export function renderGreeting({ url, version, settings, secretFrom, file }: Greeting, { bold, dim }: Output): string {
  const { limits, heartbeat } = settings;
  const rows = [
    [
      'limits',
      `${limits.connectionsPerUser} connections a user, ${limits.roomsPerSocket} rooms a socket, ${limits.eventsPerSecond} events a second`,
    ],
    ['heartbeat', `every client within ${formatDuration(heartbeat.timeout)} (${heartbeat.source})`],
    [
      'tokens',
      secretFrom === undefined ? 'verified with a key that is elsewhere' : `signed with the secret from ${secretFrom}`,
    ],
    ...(file === undefined ? [] : [['settings', file]]),
  ];
  return [
    '',
    `  ${bold(`rtserver ${version}`)} listens on ${bold(url)}`,
    '',
    ...rows.map(([name = '', text = '']) => `  ${dim(name.padEnd(10))}${text}`),
    '',
    '  Try next, in a second shell:',
    '    npx rtserver join protocol:7 --user 42',
    `    npx rtserver emit --room protocol:7 --event hello --payload '{"text":"hi"}'`,
    '    npx rtserver ls sockets',
    '',
  ].join('\n');
}
