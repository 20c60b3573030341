import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectPeer } from '../support/peers/connected-peer.ts';
import { startServer } from '../support/start-server.ts';
import { untilEmpty } from './aftermath.ts';

const BOUNDS = { numRuns: 1_000, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false };

interface Call {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

function send(base: string, { method, path, headers, body }: Call): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    request.on('error', reject).end(body);
  });
}

const PATHS = [
  '/api/emit',
  '/api/sockets',
  '/api/sockets/:id',
  '/api/rooms',
  '/api/users',
  '/api/users/:id/sockets',
  '/api/refusals',
  '/api/stats',
  '/api/events',
  '/api/sessions',
  '/api/sessions/revoke',
  '/api/tokens/revoke',
  '/healthz',
  '/readyz',
  '/metrics',
  '/api',
  '/',
];

const segment = fc.oneof(fc.string(), fc.constantFrom('__proto__', '..', '%', '%zz', '%E0%A4%A', '%00', '\\'));
const encodedSegment = segment.map((text) => (/^[\w.%]+$/.test(text) ? text : encodeURIComponent(text)));
const parameter = fc
  .tuple(
    fc.constantFrom('limit', 'cursor', 'user', 'room', 'prefix', 'limit[]', 'cursor[a]', '__proto__', 'x'),
    fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom('', 'NaN', '1e3', '-1', '%', '9'.repeat(40))),
  )
  .map(([key, value]) => `${encodeURIComponent(key)}=${value === '%' ? value : encodeURIComponent(value)}`);

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    'fuzz-user',
    ['fuzz-user'],
    { users: ['fuzz-user'] },
    { rooms: ['x'] },
    { timeoutMs: 5 },
    0,
    -1,
    1e300,
  ),
);
/** An object with the keys of some route, each right or wrong. */
const shaped = fc.dictionary(
  fc.constantFrom(
    ...['event', 'payload', 'to', 'except', 'ack', 'userId', 'ttlSeconds', 'claims', 'token', 'jti', 'expiresAt'],
    ...['__proto__', 'constructor', 'x'],
  ),
  value,
);
const emission = fc.record(
  { event: fc.oneof(fc.string(), fc.constantFrom('connect', 'ready', 'news')), payload: fc.jsonValue(), to: value },
  { requiredKeys: ['event'] },
);
const body = fc.oneof(
  shaped.map((object) => JSON.stringify(object)),
  emission.map((object) => JSON.stringify(object)),
  fc.array(emission, { maxLength: 5 }).map((list) => JSON.stringify(list)),
  fc.json(),
  fc.string(),
  fc
    .integer({ min: 1, max: 50_000 })
    .map((depth) => `{"event":"x","payload":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  fc.constant('{"event":"x","payload":{"__proto__":{"toJSON":1},"constructor":{"prototype":{}}}}'),
);
const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/plain', '', ';;;'),
    'content-encoding': fc.constantFrom('identity', 'gzip', 'br', 'x'),
    'x-correlation-id': fc.constantFrom('ok-1', 'not ok', '\xff', 'x'.repeat(500)),
    accept: fc.constantFrom('*/*', 'text/html', ';q=x'),
    origin: fc.constantFrom('null', 'http://localhost', 'http://['),
  },
  { requiredKeys: [] },
);

const call: fc.Arbitrary<Call> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'),
    path: fc.constantFrom(...PATHS, ...PATHS.slice(0, 12)),
    id: encodedSegment,
    query: fc.array(parameter, { maxLength: 4 }),
    headers,
    body,
  })
  .map(({ method, path, id, query, body: text, headers: some }) => {
    const isPost = method === 'POST' || method === 'PUT' || method === 'PATCH';
    const full = path.replace(':id', id || 'x') + (query.length > 0 ? `?${query.join('&')}` : '');
    const length = isPost ? { 'content-length': String(Buffer.byteLength(text)) } : {};
    return { method, path: full, headers: { ...some, ...length }, body: isPost ? text : '' };
  });

test('no request of an administrator is answered with 5xx, and every error is a problem with a code', async () => {
  const started = await startServer();
  const { url, token, adminToken, logs } = started;
  const neighbour = await connectPeer(url, { auth: { token: token('neighbour') } });
  const property = fc.asyncProperty(call, fc.boolean(), async (each, isAdmin) => {
    const bearer = isAdmin ? { authorization: `Bearer ${adminToken}` } : {};
    const { status, text } = await send(url, { ...each, headers: { ...each.headers, ...bearer } });
    expect(status).toBeLessThan(500);
    expect(status).toBeGreaterThanOrEqual(200);
    const isProtected = /^\/api\/\w/.test(each.path) && each.method !== 'HEAD';
    if (!isAdmin && isProtected) expect(status).toBeGreaterThanOrEqual(400);
    if (status >= 400 && each.method !== 'HEAD') {
      expect(JSON.parse(text)).toMatchObject({ status, code: expect.stringMatching(/^[A-Z_]+$/) });
    }
    expect(text).not.toContain('node_modules');
  });
  // A failure prints the seed and the request to repeat it with.
  await fc.assert(property, BOUNDS);
  expect(neighbour.wire.closing).toBeUndefined();
  expect(await neighbour.wire.emitWithAck('ping', undefined, { timeoutMs: 15_000 })).toMatchObject({ ok: true });
  await neighbour.close();
  await untilEmpty(started);
  expect(logs.lines.filter(({ level }) => level >= 50)).toEqual([]);
  expect(JSON.stringify(logs.lines)).not.toContain(adminToken);
});
