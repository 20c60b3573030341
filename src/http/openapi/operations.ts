import { z } from 'zod';
import { userId } from '../parse.ts';
import { newSession, sessionRevocation, tokenRevocation } from '../routes/credentials.ts';
import { emission, emissionList } from '../routes/emit.ts';
import { readinessQuery } from '../routes/health.ts';
import { refusalsQuery, roomsQuery, socketsQuery, usersQuery } from '../routes/lists.ts';
import {
  emitResult,
  emitted,
  eventInfo,
  missingNodes,
  pageOf,
  refusalInfo,
  roomInfo,
  socketInfo,
  stats,
  userInfo,
} from './answers.ts';
import * as examples from './examples.ts';
import type { Operation } from './operation.ts';

const closed = z.object({
  ...{ ok: z.literal(true), closed: z.int().min(0).describe('connections that ended'), missingNodes },
});

/** Every route of the server. */
export const OPERATIONS: readonly Operation[] = [
  {
    ...{ id: 'emit', method: 'post', path: '/api/emit', tag: 'Emit' },
    summary: 'Send an event, or up to 1,000 of them in order',
    description:
      '`to` combines `users`, `rooms` and `sockets`; nobody gets an event twice. **Without `to` everyone gets it**, as with `"to": "all"`: a `to` that is `undefined` in your program is none in its JSON, so see that it is there. An empty list reaches nobody; a `to` without any list (`{}`) is refused. With `ack` the answer comes when all recipients have acknowledged or the time is over. A client acknowledges by calling the last argument of its listener, `client.on(event, (payload, acknowledge) => acknowledge?.())`, the same in `rtserver/client` and `socket.io-client`; one that does not is `ACK_TIMEOUT`. A list is answered with a list of results in the same order, and with 200 even where some of them are `ok: false`; one that is malformed is refused as a whole, and nothing of it sent.',
    body: { schema: z.union([emission, emissionList]), examples: examples.emissions },
    answers: {
      200: {
        description: 'It was handed to its recipients, of whom there may be none.',
        schema: z.union([emitted, z.array(emitResult)]),
        examples: { one: examples.emitted, 'a list, one of its payloads wrong': examples.emittedList },
      },
    },
    errors: ['EVENT_RESERVED', 'EVENT_UNKNOWN'],
  },
  {
    ...{ id: 'listSockets', method: 'get', path: '/api/sockets', tag: 'Look' },
    summary: 'List the connected sockets',
    query: socketsQuery,
    answers: { 200: { description: 'A page.', schema: pageOf(socketInfo), example: examples.sockets } },
  },
  {
    ...{ id: 'listRooms', method: 'get', path: '/api/rooms', tag: 'Look' },
    summary: 'List the rooms that somebody is in',
    query: roomsQuery,
    answers: { 200: { description: 'A page.', schema: pageOf(roomInfo), example: examples.rooms } },
  },
  {
    ...{ id: 'listUsers', method: 'get', path: '/api/users', tag: 'Look' },
    summary: 'List the users who are connected',
    query: usersQuery,
    answers: { 200: { description: 'A page.', schema: pageOf(userInfo), example: examples.users } },
  },
  {
    ...{ id: 'listRefusals', method: 'get', path: '/api/refusals', tag: 'Look' },
    summary: 'List who was refused or closed, and why',
    description: 'The last 1,000, newest first.',
    query: refusalsQuery,
    answers: { 200: { description: 'A page.', schema: pageOf(refusalInfo), example: examples.refusals } },
  },
  {
    ...{ id: 'listEvents', method: 'get', path: '/api/events', tag: 'Look' },
    summary: 'List the events that the application has declared',
    answers: {
      200: {
        description: 'All of them.',
        schema: z.object({
          items: z.array(eventInfo),
          declared: z.boolean().describe('false: any event with any payload may be sent'),
        }),
        example: examples.events,
      },
    },
  },
  {
    ...{ id: 'readStats', method: 'get', path: '/api/stats', tag: 'Look' },
    summary: 'Read totals, rates, the limits in force and figures of the process',
    answers: { 200: { description: 'Of the node that was asked.', schema: stats, example: examples.stats } },
  },
  {
    ...{ id: 'kickSocket', method: 'delete', path: '/api/sockets/{id}', tag: 'Act' },
    summary: 'Close one connection',
    description:
      'It is told `KICKED`. A socket that is not there is no error: `closed` is 0. `SOCKET_ID` below is the `id` of one in `GET /api/sockets`, or the `socketId` of its `ready`.',
    params: z.object({ id: z.string().describe('of the socket') }),
    answers: { 200: { description: 'Done.', schema: closed, example: { ok: true, closed: 1 } } },
  },
  {
    ...{ id: 'kickUser', method: 'delete', path: '/api/users/{userId}/sockets', tag: 'Act' },
    summary: 'Close all connections of a user',
    description: 'They are told `KICKED`.',
    params: z.object({ userId }),
    answers: { 200: { description: 'Done.', schema: closed, example: { ok: true, closed: 2 } } },
  },
  {
    ...{ id: 'createSession', method: 'post', path: '/api/sessions', tag: 'Act' },
    summary: 'Create a session token',
    description: 'Sent when the session is kept: it survives a crash from then on.',
    body: { schema: newSession, examples: examples.newSessions },
    answers: {
      201: {
        description: 'The token, shown this once.',
        schema: z.object({ token: z.string(), expiresAt: z.int().describe('milliseconds since 1970') }),
        example: examples.session,
      },
    },
    errors: ['STATE_NOT_SAVED'],
  },
  {
    ...{ id: 'revokeSession', method: 'post', path: '/api/sessions/revoke', tag: 'Act' },
    summary: 'Revoke a session token, or all of a user',
    description: 'Their connections are told `SESSION_REVOKED`. Sent when the change is kept.',
    body: { schema: sessionRevocation, examples: examples.sessionRevocations },
    answers: {
      200: {
        description: 'Done.',
        schema: closed.extend({ revoked: z.int().min(0).describe('sessions that ended') }),
        example: { ok: true, revoked: 1, closed: 1 },
      },
    },
    errors: ['STATE_NOT_SAVED'],
  },
  {
    ...{ id: 'revokeToken', method: 'post', path: '/api/tokens/revoke', tag: 'Act' },
    summary: 'Revoke a JWT by its id, or all of a user issued until now',
    description:
      'Their connections are told `TOKEN_REVOKED`. Sent when the change is kept. With a `jti` there may be an `expiresAt`, milliseconds since 1970: when the revocation may be forgotten, because the token has run out by itself. With a `userId` there is none.',
    body: { schema: tokenRevocation, examples: examples.tokenRevocations },
    answers: { 200: { description: 'Done.', schema: closed, example: { ok: true, closed: 1 } } },
    errors: ['STATE_NOT_SAVED'],
  },
  {
    ...{ id: 'readOpenApi', method: 'get', path: '/api/openapi.json', tag: 'Operate', isOpen: true },
    summary: 'Read this description',
    description: 'Open, because it says nothing about this server that is not in the package.',
    answers: {
      200: {
        description: 'OpenAPI 3.1.',
        schema: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
        example: { openapi: '3.1.1', paths: {} },
      },
    },
  },
  {
    ...{ id: 'readHealth', method: 'get', path: '/healthz', tag: 'Operate', isOpen: true },
    summary: 'Ask whether the process answers',
    answers: {
      200: {
        description: 'It does.',
        schema: z.object({ status: z.literal('ok'), server: z.literal('rtserver'), version: z.string() }),
        example: { status: 'ok', server: 'rtserver', version: '0.1.0' },
      },
    },
  },
  {
    ...{ id: 'readReadiness', method: 'get', path: '/readyz', tag: 'Operate', isOpen: true },
    summary: 'Ask whether it takes new connections',
    description:
      'For a proxy, `?alone=ok`: when Redis is away, all nodes are cut off at once, and each serves on by itself. Without it, for whoever is to hear of that.',
    query: readinessQuery,
    answers: {
      200: {
        description: 'It does.',
        schema: z.object({
          status: z.enum(['ready', 'alone']).describe('`alone` with `?alone=ok` only'),
          reason: z.string().exactOptional(),
        }),
        example: { status: 'ready' },
      },
      503: {
        description: 'Not while it stops, nor while it is cut off from its cluster.',
        schema: z.object({ status: z.enum(['draining', 'alone']), reason: z.string() }),
        example: { status: 'draining', reason: 'the server is stopping' },
      },
    },
  },
  {
    ...{ id: 'readMetrics', method: 'get', path: '/metrics', tag: 'Operate', isOpen: true },
    summary: 'Read the metrics for Prometheus',
    answers: {
      200: {
        description: 'The text format.',
        contentType: 'text/plain',
        schema: z.string(),
        example: examples.metrics,
      },
    },
  },
];
