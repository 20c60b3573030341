import { RtError } from '../../contract/errors.ts';
import type { RefreshResult } from '../../contract/events.ts';
import { type Handler, readField } from './context.ts';

/**
 * A new token of the same user takes the place of the old one on the live socket. Not where an application's own check let it
 * in: a token says nothing of the rooms and the end that the check had given.
 */
export const authRefresh: Handler = async (payload, connection, { verifyToken, replaceIdentity }) => {
  if (connection.identity.kind === 'custom') {
    throw new RtError('FORBIDDEN', { reason: 'the application checks who connects: connect again' });
  }
  const token = readField(payload, 'token');
  if (typeof token !== 'string') throw new RtError('PAYLOAD_INVALID', { reason: 'token must be a string' });
  const identity = await verifyToken(token);
  if (identity.userId !== connection.identity.userId) {
    throw new RtError('FORBIDDEN', { reason: 'the token belongs to another user' });
  }
  replaceIdentity(connection, identity);
  return { expiresAt: identity.expiresAt ?? null } satisfies RefreshResult;
};
