import type { Command } from 'commander';
import { isProtocolRoom } from '../../contract/rooms.ts';
import { type Credentials, requireServerOrSecret, withGivenToken, withOwnToken } from '../admin-session.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import {
  addExamples,
  addJsonFlag,
  addServerFlags,
  each,
  type JsonFlag,
  type ServerFlags,
  toCount,
  toDurationMs,
  toName,
  toRoom,
  toUserId,
} from '../flags.ts';
import { findGivenToken } from '../given-token.ts';
import { listen } from '../listen.ts';
import { locateServer, type ServerLocation } from '../locate-server.ts';
import { peekClaims } from '../peek-claims.ts';
import { signToken, TERMINAL_TOKEN_MS } from '../sign-token.ts';
import { findTokenSettings, requireSecret } from '../token-settings.ts';

interface JoinFlags extends ServerFlags, JsonFlag {
  user?: string;
  event?: string[];
  count?: number;
  duration?: number;
}

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Connects as a user, joins rooms and prints each event as it comes. Without a room: the personal one alone.',
    )
    .argument('[room...]', 'rooms to join; protocol:<id> through protocol:join', each(toRoom))
    .option('--user <id>', 'as whom: a token is made with the secret', toUserId)
    .option('--event <name>', 'only these events; may be repeated', each(toName))
    .option('--count <n>', 'end after so many events', toCount)
    .option('--duration <duration>', 'end after so long; exit 1 when --count was not reached', toDurationMs);
  addJsonFlag(command, 'print { event, payload, at }, one a line');
  addServerFlags(command);
  addExamples(command, [
    'rtserver join protocol:7 --user 42',
    'rtserver join --user 42 --count 1 --json',
    'rtserver join lobby news --user 42 --event message --duration 1m',
    'rtserver join protocol:7 --url https://api.example --token "$TOKEN"',
  ]);
  command.action(async (rooms: string[], flags: JoinFlags) => {
    context.exitCode = await join(context, rooms, flags);
  });
}

async function join(context: Context, rooms: readonly string[], flags: JoinFlags): Promise<ExitCode> {
  const protocols = rooms.filter(isProtocolRoom);
  if (protocols.length > 1) {
    throw usageError(`a socket is in one protocol room at a time: ${protocols.join(' and ')} exclude each other`);
  }
  const server = await locateServer(context, flags);
  const { credentials, path } = await findUserCredentials(context, flags, server);
  const { event: events, count, duration: durationMs, json = false } = flags;
  return listen(context, { ...server, path: server.path ?? path }, credentials, {
    rooms,
    events,
    count,
    durationMs,
    json,
  });
}

async function findUserCredentials(
  context: Context,
  { user, ...flags }: JoinFlags,
  server: ServerLocation,
): Promise<{ credentials: Credentials; path?: string | undefined }> {
  const given = findGivenToken(context, flags.token, user !== undefined);
  if (given !== undefined) {
    const owner = peekClaims(given.token)['sub'];
    if (user !== undefined && typeof owner === 'string' && owner !== user) {
      throw usageError(`--user says ${user}, but the token belongs to ${owner}: leave one of them out`);
    }
    return { credentials: withGivenToken(given) };
  }
  if (user === undefined)
    throw usageError('say as whom: --user ID, or --token TOKEN', 'Next: rtserver join protocol:7 --user 42');
  const settings = await findTokenSettings(context, flags);
  await requireServerOrSecret(settings, server);
  requireSecret(settings);
  const token = () => signToken(settings, { userId: user, expiresInMs: TERMINAL_TOKEN_MS });
  return { credentials: withOwnToken(settings, token), path: settings.path };
}
