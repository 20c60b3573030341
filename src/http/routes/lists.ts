import type { Router } from 'express';
import { z } from 'zod';
import type { EventInfo } from '../../contract/resources.ts';
import type { Core } from '../../core/core.ts';
import { pageQuery, parse } from '../parse.ts';

const socketsQuery = pageQuery.extend({ user: z.string().optional(), room: z.string().optional() });
const roomsQuery = pageQuery.extend({ prefix: z.string().optional() });

const refusalsQuery = pageQuery.extend({ cursor: z.coerce.number().int().min(0).optional() });

/** What is there now. */
export function addListRoutes(router: Router, core: Core): void {
  router.get('/sockets', (request, response) => {
    response.json(core.list.sockets(parse(socketsQuery, request.query)));
  });
  router.get('/rooms', (request, response) => {
    response.json(core.list.rooms(parse(roomsQuery, request.query)));
  });
  router.get('/users', (request, response) => {
    response.json(core.list.users(parse(pageQuery, request.query)));
  });
  router.get('/refusals', (request, response) => {
    const { limit, cursor } = parse(refusalsQuery, request.query);
    response.json(core.refusals(limit, cursor));
  });
  router.get('/events', (_request, response) => {
    const items: EventInfo[] = Object.entries(core.events ?? {}).map(([event, schema]) => ({
      event,
      vendor: schema['~standard'].vendor,
    }));
    response.json({ items, declared: core.events !== undefined });
  });
}
