import type { Router } from 'express';
import { z } from 'zod';
import type { Authority } from '../../auth/authority.ts';
import type { Elsewhere } from '../../auth/state.ts';
import type { Core } from '../../core/core.ts';
import { parse, userId } from '../parse.ts';

const SESSION_TTL_MAX_SECONDS = 10 * 365 * 86_400;

/** Body of `POST /api/sessions`. */
export const newSession = z.strictObject({
  userId,
  ttlSeconds: z.number().positive().max(SESSION_TTL_MAX_SECONDS),
  claims: z.record(z.string(), z.unknown()).default({}),
});
/** Body of `POST /api/sessions/revoke`. */
export const sessionRevocation = z.union([z.strictObject({ token: z.string().min(1) }), z.strictObject({ userId })], {
  error: 'exactly one of token and userId, a string',
});
/** A time in seconds, by mistake, would forget the revocation at once. */
const future = z
  .number()
  .refine((time) => time > Date.now(), { error: 'must be milliseconds since 1970, and not be over' });
/** Body of `POST /api/tokens/revoke`. */
export const tokenRevocation = z.union(
  [z.strictObject({ jti: z.string().min(1), expiresAt: future.optional() }), z.strictObject({ userId })],
  { error: 'exactly one of jti and userId, a string' },
);

/** Session tokens, and the revocation of both kinds. Each answer is sent when the change is kept. */
export function addCredentialRoutes(router: Router, core: Core, authority: Authority): void {
  router.post('/sessions', async (request, response) => {
    const body = parse(newSession, request.body);
    response.status(201).json(await authority.sessions.create(body.userId, body.ttlSeconds * 1_000, body.claims));
  });

  router.post('/sessions/revoke', async (request, response) => {
    const body = parse(sessionRevocation, request.body);
    const { revoked, concerns, elsewhere } =
      'token' in body
        ? await authority.sessions.revokeToken(body.token)
        : await authority.sessions.revokeUser(body.userId);
    response.json({ ok: true, revoked, ...outcome(core.closeWhere(concerns, 'SESSION_REVOKED'), elsewhere) });
  });

  router.post('/tokens/revoke', async (request, response) => {
    const body = parse(tokenRevocation, request.body);
    const { revocations } = authority;
    const elsewhere = await ('jti' in body
      ? revocations.revokeToken(body.jti, body.expiresAt)
      : revocations.revokeUser(body.userId));
    response.json({ ok: true, ...outcome(core.closeWhere(revocations.isRevoked, 'TOKEN_REVOKED'), elsewhere) });
  });
}

const outcome = (closedHere: number, { closed, missing }: Elsewhere) => ({
  closed: closedHere + closed,
  ...(missing !== 0 && { missingNodes: missing }),
});
