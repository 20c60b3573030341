import express, { type Router } from 'express';
import jwt from 'jsonwebtoken';
import { CHECK_EVENT } from '../../src/check/event-names.ts';
import type { EmitRequest, EmitResponse } from '../../src/contract/emission.ts';
import type { Door } from './other-door.ts';
import type { Emission } from './other-emission.ts';
import { type OtherServer, SECRET } from './other-server.ts';

/** As much of the HTTP API as the checks ask of a server. */
export function createApi({ io, has }: OtherServer, emission: Emission, door: Door): Router {
  const api = express.Router();
  const { adapter, sockets } = io.of('/');

  api.use((request, response, next) => {
    try {
      jwt.verify(request.headers.authorization?.replace('Bearer ', '') ?? '', SECRET);
      next();
    } catch {
      response.status(401).json({ title: 'Invalid token', status: 401, code: 'TOKEN_INVALID', detail: 'signature' });
    }
  });
  api.use(express.json());

  api.post('/emit', async ({ body }, response) => {
    if (!Array.isArray(body)) {
      response.json(await emission.ask(body));
      return;
    }
    const results: EmitResponse[] = [];
    for (const request of body as EmitRequest[]) {
      const isOver = has('stops at a failed emission') && results.some(({ ok }) => !ok);
      results.push(isOver ? { ok: false, reason: 'INTERNAL' } : await emission.ask(request));
    }
    response.json(results);
  });
  api.get('/sockets', ({ query: { user, room } }, response) => {
    const isLate = has('lists sockets late, and as seen when they came');
    const hiddenMs = isLate ? 1_000 : 0;
    const found = [...sockets.values()].filter(
      ({ data, rooms }) =>
        Date.now() - data.connectedAt >= hiddenMs &&
        (user === undefined || data.userId === user) &&
        (room === undefined || rooms.has(String(room))),
    );
    const items = found.map(({ id, data, rooms }) => ({
      ...data,
      ...(isLate && { lastSeen: data.connectedAt }),
      id,
      rooms: [...rooms].filter((each) => each !== id),
    }));
    response.json({ items });
  });
  api.get('/rooms', ({ query: { prefix = '' } }, response) => {
    const names = [...(has('lists no rooms') ? [] : adapter.rooms.keys())].filter((room) =>
      room.startsWith(String(prefix)),
    );
    response.json({ items: names.map((room) => ({ room })) });
  });
  api.get('/events', (_request, response) => void response.json({ items: [{ event: CHECK_EVENT }] }));
  api.post('/sessions', ({ body }, response) => void response.json({ token: door.createSession(body.userId) }));
  return api;
}
