import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Socket } from 'socket.io';
import { type OtherServer, SECRET } from './other-server.ts';

const LIMIT = 3;

/** Who may connect to the other server. */
export interface Door {
  createSession(userId: string): string;
}

export function createDoor({ io, log, has }: OtherServer): Door {
  const sessions = new Map<string, string>();
  const places = new Map<string, number>();
  const seenBefore = new Set<string>();

  function identify({ handshake }: Socket): string {
    const inQuery = handshake.query['token'];
    if (inQuery !== undefined && !has('takes tokens from the URL') && !has('accepts anyone')) {
      throw refusal('CREDENTIALS_IN_QUERY', 'Credentials must not be sent in the query string');
    }
    const token: unknown = handshake.auth['token'] ?? inQuery;
    if (has('logs tokens') || has('logs tokens, and all of it a while later')) log(20, 'handshake', { token });
    if (typeof token !== 'string') {
      if (has('accepts anyone') || has('lets in whoever brings nothing')) return 'anonymous';
      throw refusal('UNAUTHENTICATED', 'Authentication required');
    }
    const userId = token.includes('.') ? subjectOf(token) : sessions.get(token);
    if (userId !== undefined) return userId;
    if (has('accepts anyone')) return 'anonymous';
    const isCoded = !has('gives no code for a session that is not there');
    throw refusal(isCoded ? 'SESSION_INVALID' : undefined, 'Session not found or expired');
  }

  function subjectOf(token: string): string | undefined {
    const claims = jwt.decode(token) as jwt.JwtPayload | null;
    if (has('accepts anyone')) return claims?.sub;
    if (has('does not verify signatures') && claims !== null && Number(claims.exp) * 1_000 > Date.now())
      return claims.sub;
    try {
      const ignoreExpiration = has('ignores the expiry of tokens');
      return (jwt.verify(token, SECRET, { algorithms: ['HS256'], ignoreExpiration }) as jwt.JwtPayload).sub;
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) throw refusal('TOKEN_EXPIRED', 'Token expired');
      throw refusal('TOKEN_INVALID', 'Invalid token');
    }
  }

  function take(userId: string, socket: Socket): void {
    const taken = places.get(userId) ?? 0;
    if (taken >= (has('allows one connection too many') ? LIMIT + 1 : LIMIT)) {
      const message = has('gives no reason at the limit') ? 'error' : 'Max connections exceeded';
      throw refusal('MAX_CONNECTIONS_EXCEEDED', message);
    }
    if (!has('races the limit')) places.set(userId, taken + 1);
    else setTimeout(() => places.set(userId, (places.get(userId) ?? 0) + 1), 1);
    if (has('never frees a slot')) return;
    socket.conn.once('close', () => places.set(userId, (places.get(userId) ?? 1) - 1));
  }

  io.use((socket, next) => {
    try {
      const userId = identify(socket);
      if (userId !== 'anonymous') take(userId, socket);
      socket.data = {
        ...socket.data,
        userId,
        isBack: seenBefore.has(userId) && places.get(userId) === 1,
        connectedAt: Date.now(),
      };
      seenBefore.add(userId);
      next();
    } catch (error) {
      const { message, data } = error as ReturnType<typeof refusal>;
      const correlationId = has('logs refusals under another id') ? randomUUID() : data.correlationId;
      if (!has('logs no refusals')) log(40, 'connection.refused', { code: data.code, message, correlationId });
      next(error as Error);
    }
  });

  return {
    createSession(userId) {
      const token = `sess_${randomUUID()}`;
      sessions.set(token, userId);
      return token;
    },
  };
}

function refusal(code: string | undefined, message: string) {
  return Object.assign(new Error(message), { data: { code, message, retry: false, correlationId: randomUUID() } });
}
