import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvents, defineModule } from '../../src/index.ts';
import { connectClient } from '../support/connect.ts';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Media {
  schema: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
interface Described {
  operationId: string;
  security?: unknown[];
  requestBody?: { content: { 'application/json': { examples: Record<string, { value: unknown }> } } };
  responses: Record<string, { content: Record<string, Media> }>;
}

const description = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Described>>;
};
const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);

const events = defineEvents({ 'protocol:updated': z.object({ protocolId: z.string(), version: z.number() }) });

test('it is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(description) as Record<string, unknown>);
  expect(result.errors).toBeUndefined();
  expect(result.valid).toBe(true);
});

test('a description with a mistake is not', async () => {
  const broken = structuredClone(description) as { paths: Record<string, unknown> };
  broken.paths['/api/emit'] = { post: { responses: 'none' } };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test('a server gives the same to anybody', async () => {
  const { url } = await startServer();
  const response = await fetch(new URL('/api/openapi.json', url));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await response.json()).toEqual(description);
});

test('it has every route of the server, and no other', async () => {
  const { server } = await startServer();
  const routes = routesOf(server.app.router as unknown as Router, '');
  expect(routes.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
});

test('its examples are what its schemas say', () => {
  for (const { path, method, operation } of operations) {
    for (const [status, { content }] of Object.entries(operation.responses)) {
      for (const { schema, example, examples = {} } of Object.values(content)) {
        for (const value of [example, ...Object.values(examples).map((each) => each.value)]) {
          if (value !== undefined) expectFit(schema, value, `${method} ${path} ${status}`);
        }
      }
    }
  }
});

test('a list is answered as it shows', async () => {
  const { operation } = operations.find(({ path }) => path === '/api/emit') as Case;
  const body = operation.requestBody?.content['application/json'].examples['several-at-once']?.value;
  const shown =
    operation.responses['200']?.content['application/json']?.examples?.['a-list-one-of-its-payloads-wrong']?.value;
  const { url, token, request } = await startServer({ events });
  const client = await connectClient(url, { token: token('42') });
  await client.emitWithAck('protocol:join', { protocolId: '7' });
  expect(await (await request('/api/emit', { body })).json()).toEqual(shown);
});

describe.each(operations)('$method $path', ({ method, path, operation }) => {
  const statuses = Object.keys(operation.responses).filter((status) => status !== 'default');

  test.each(statuses)('answers %s as described', async (status) => {
    const provoke = PROVOKE[status];
    if (provoke === undefined) throw new Error(`nothing here makes a server answer ${status}`);
    for (const response of await provoke({ method, path, operation })) {
      expect(String(response.status)).toBe(status);
      const type = response.headers.get('content-type')?.split(';')[0] ?? '';
      const content = operation.responses[status]?.content[type];
      if (content === undefined) throw new Error(`${status} is not described as ${type}`);
      const text = await response.text();
      expectFit(content.schema, type.endsWith('json') ? JSON.parse(text) : text, `${status}: ${text}`);
    }
  });
});

interface Case {
  method: string;
  path: string;
  operation: Described;
}

type Provoke = (about: Case) => Promise<Response[]>;

const good: Provoke = async (about) => {
  const started = await startServer({ events });
  const client = await connectClient(started.url, { token: started.token('42') });
  client.on('protocol:updated', (_payload: unknown, acknowledge?: (value: unknown) => void) => acknowledge?.(true));
  // So that every list has an entry.
  await client.timeout(5_000).emitWithAck('protocol:join', { protocolId: '7' });
  await fetch(new URL('/socket.io/?EIO=4&transport=polling', started.url), {
    headers: { origin: 'https://evil.example' },
  });
  const bodies = Object.values(about.operation.requestBody?.content['application/json'].examples ?? { none: {} });
  const path = about.path.replace('{id}', client.id ?? '').replace('{userId}', '42');
  const responses: Response[] = [];
  for (const { value } of bodies as { value?: unknown }[]) {
    responses.push(await started.request(path, { method: about.method, ...(value !== undefined && { body: value }) }));
  }
  return responses;
};

type Started = Pick<StartedServer<typeof events>, 'url' | 'adminToken'>;

const send = async (about: Case, init: RequestInit & { started?: Started } = {}) => {
  const { url, adminToken } = init.started ?? (await startServer({ events }));
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', ...init.headers };
  return [await fetch(new URL(about.path.replaceAll(/[{}]/g, ''), url), { method: about.method, ...init, headers })];
};

/** A way to each status that is described. */
const PROVOKE: Readonly<Record<string, Provoke>> = {
  200: good,
  201: good,
  400: (about) =>
    about.method === 'GET'
      ? send({ ...about, path: `${about.path}?${about.path === '/readyz' ? 'alone=perhaps' : 'limit=0'}` })
      : send(about, { body: JSON.stringify({ neither: 1 }) }),
  401: (about) => send(about, { headers: { authorization: 'Bearer a.b.c' } }),
  async 403(about) {
    const started = await startServer({ events });
    return send(about, { started, headers: { authorization: `Bearer ${started.token('42')}` } });
  },
  404: (about) => send(about, { body: JSON.stringify({ event: 'not:declared' }) }),
  413: (about) => send(about, { body: `"${'x'.repeat(1_100_000)}"` }),
  415: (about) => send(about, { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  503: (about) => (about.path === '/readyz' ? whileDraining(about) : withoutDisk(about)),
};

async function whileDraining(about: Case): Promise<Response[]> {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const hold = defineModule({ name: 'hold', handlers: { hold: () => held } });
  const started = await startServer({ modules: [hold], shutdown: { timeout: 20_000, spread: 0 } });
  const client = await connectClient(started.url, { token: started.token('42') });
  client.emit('hold', null);
  await client.emitWithAck('ping');
  const closing = started.server.close();
  const responses = await send(about, { started });
  release();
  await closing;
  return responses;
}

/** Where the folder of the state file was there is a file. */
async function withoutDisk(about: Case): Promise<Response[]> {
  const folder = join(tempFolder(), 'state');
  const started = await startServer({ state: { file: join(folder, 'state.json') } });
  await rm(folder, { recursive: true, force: true });
  await writeFile(folder, '');
  const [first] = Object.values(about.operation.requestBody?.content['application/json'].examples ?? {});
  return send(about, { started, body: JSON.stringify(first?.value) });
}

/** A router of Express, which its types do not know to list its routes. */
interface Router {
  listRoutes(): { path: string; methods?: string[]; router?: Router }[];
}

/** As OpenAPI writes them. */
function routesOf(router: Router, prefix: string): string[] {
  return router.listRoutes().flatMap(({ path, methods = [], router: mounted }) => {
    const full = prefix + path.replaceAll(/:(\w+)/g, '{$1}');
    if (mounted !== undefined) return routesOf(mounted, full);
    return methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${full}`);
  });
}

/** Against the schema as it stands, with one thing more: nothing that it does not describe. */
function expectFit(schema: object, value: unknown, what: string): void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(closeObjects(description) as object, 'openapi');
  const check = ajv.compile(refer(closeObjects(schema)) as object);
  expect(check(value), `${what}\n${ajv.errorsText(check.errors)}`).toBe(true);
}

const refer = (schema: unknown): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"openapi#/'));

function closeObjects(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closeObjects);
  if (typeof schema !== 'object' || schema === null) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closeObjects(value)]));
  return 'properties' in closed && !('additionalProperties' in closed)
    ? { ...closed, additionalProperties: false }
    : closed;
}
