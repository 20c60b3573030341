import type { Router } from 'express';
import { z } from 'zod';
import type { EventInfo } from '../../contract/resources.ts';
import type { Core } from '../../core/core.ts';
import type { Everywhere } from '../../core/everywhere.ts';
import { cursorOf, sealNext } from '../cursor.ts';
import { pageQuery, parse } from '../parse.ts';

export const socketsQuery = pageQuery.extend({
  cursor: cursorOf('sockets'),
  user: z.string().optional().describe('only those of this user'),
  room: z.string().optional().describe('only those in this room'),
});
export const roomsQuery = pageQuery.extend({
  cursor: cursorOf('rooms'),
  prefix: z.string().optional().describe('only rooms whose names begin like this'),
});
export const usersQuery = pageQuery.extend({ cursor: cursorOf('users') });

export const refusalsQuery = pageQuery.extend({
  cursor: z
    .string()
    .regex(/^\d{1,16}(?::|$)/, 'must be `next` of the page before')
    .optional()
    .describe('`next` of the page before'),
});

/** What is there now. */
export function addListRoutes(router: Router, core: Core, everywhere: Everywhere): void {
  router.get('/sockets', async (request, response) => {
    response.json(sealNext('sockets', await everywhere.sockets(parse(socketsQuery, request.query))));
  });
  router.get('/rooms', async (request, response) => {
    response.json(sealNext('rooms', await everywhere.rooms(parse(roomsQuery, request.query))));
  });
  router.get('/users', async (request, response) => {
    response.json(sealNext('users', await everywhere.users(parse(usersQuery, request.query))));
  });
  router.get('/refusals', async (request, response) => {
    response.json(await everywhere.refusals(parse(refusalsQuery, request.query)));
  });
  router.get('/events', (_request, response) => {
    const items: EventInfo[] = Object.entries(core.events ?? {}).map(([event, schema]) => ({
      event,
      vendor: schema['~standard'].vendor,
    }));
    response.json({ items, declared: core.events !== undefined });
  });
}
