import type { EmitRequest } from '../contract/emission.ts';
import { usageError } from './cli-error.ts';
import type { JsonFlag, ServerFlags } from './flags.ts';

export interface EmitFlags extends ServerFlags, JsonFlag {
  event?: string;
  payload?: string;
  user?: string[];
  room?: string[];
  socket?: string[];
  all?: true;
  exceptUser?: string[];
  ack?: true;
  timeout?: number;
}

/** The target that the flags say; empty where they say none. */
export function readTarget({ user, room, socket, all, exceptUser }: EmitFlags): Pick<EmitRequest, 'to' | 'except'> {
  const isNarrow = user !== undefined || room !== undefined || socket !== undefined;
  if (all && isNarrow) throw usageError('--all is everyone: it excludes --user, --room and --socket');
  return {
    ...(all && { to: 'all' }),
    ...(isNarrow && {
      to: {
        ...(user !== undefined && { users: user }),
        ...(room !== undefined && { rooms: room }),
        ...(socket !== undefined && { sockets: socket }),
      },
    }),
    ...(exceptUser !== undefined && { except: { users: exceptUser } }),
  };
}

/** `user 42, room protocol:7`, or `anyone`. */
export function describeTarget({ to }: EmitRequest): string {
  if (to === undefined || to === 'all') return 'anyone';
  const parts = [
    ...(to.users ?? []).map((user) => `user ${user}`),
    ...(to.rooms ?? []).map((room) => `room ${room}`),
    ...(to.sockets ?? []).map((socket) => `socket ${socket}`),
  ];
  return parts.join(', ') || 'anyone';
}
