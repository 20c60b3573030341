/* What the description shows of each route. A test sends the requests, and holds the answers to the schemas. */

export const emissions = {
  'to a user': {
    event: 'protocol:updated',
    payload: { protocolId: '7', version: 3 },
    to: { users: ['42'] },
  },
  'with acknowledgements': {
    event: 'protocol:updated',
    payload: { protocolId: '7', version: 4 },
    to: { rooms: ['protocol:7'] },
    except: { users: ['43'] },
    ack: { timeoutMs: 2_000 },
  },
  'several at once': [
    { event: 'protocol:updated', payload: { protocolId: '7', version: 5 }, to: { rooms: ['protocol:7'] } },
    { event: 'protocol:updated', payload: { protocolId: '8', version: 'one' }, to: 'all' },
  ],
};

export const emitted = {
  ok: true,
  recipients: 1,
  acks: [{ socketId: 'JkZT-1xQcRmYAAAB', userId: '42', ok: true, value: { ok: true } }],
};

const AT = 1_795_000_000_000;

/** To `several at once`, where the events are declared. */
export const emittedList = [
  { ok: true, recipients: 1 },
  { ok: false, reason: 'PAYLOAD_INVALID', detail: 'version: Invalid input: expected number, received string' },
];

export const sockets = {
  items: [
    {
      id: 'JkZT-1xQcRmYAAAB',
      userId: '42',
      rooms: ['user:42', 'protocol:7'],
      transport: 'websocket',
      address: '203.0.113.9',
      connectedAt: AT,
      lastSeen: AT + 20_000,
      bufferedBytes: 0,
      node: 'web-1:4711',
    },
  ],
};

export const rooms = { items: [{ room: 'protocol:7', sockets: 3, users: 2 }], next: 'protocol:7' };

export const users = { items: [{ userId: '42', sockets: 2, connectedAt: AT }] };

export const refusals = {
  items: [
    {
      at: AT,
      kind: 'refused',
      code: 'MAX_CONNECTIONS_EXCEEDED',
      userId: '42',
      address: '203.0.113.9',
      origin: 'https://app.example',
      correlationId: '0c8ae5c7-9a0e-4d1c-8d55-2f0f8d1c7c11',
    },
  ],
};

export const events = { items: [{ event: 'protocol:updated', vendor: 'zod' }], declared: true };

const rates = { accepted: 0.2, refused: 0.1, closed: 0, eventsEmitted: 1.4, deliveries: 210, eventsReceived: 16.8 };

export const stats = {
  node: 'web-1:4711',
  version: '0.1.0',
  uptimeMs: 86_400_000,
  serverTime: AT,
  connections: 251,
  users: 240,
  rooms: 245,
  slots: 251,
  totals: {
    ...{ accepted: 260, refused: 2, closed: 9, eventsEmitted: 1_204, deliveries: 181_440, eventsReceived: 14_515 },
    heartbeatTimeouts: 1,
    emitFailures: 0,
    refusedByCode: { TOKEN_EXPIRED: 2 },
    closedByCode: { HEARTBEAT_TIMEOUT: 1, KICKED: 8 },
  },
  rates,
  limits: {
    connectionsPerUser: 3,
    onExceeded: 'reject',
    connections: null,
    roomsPerSocket: 100,
    eventsPerSecond: 100,
    payloadBytes: 100_000,
    bufferedBytes: 1_048_576,
    connectsPerSecond: null,
    heartbeatTimeoutMs: 60_000,
    heartbeatSource: 'ping',
  },
  process: {
    pid: 4_711,
    rssBytes: 98_304_000,
    heapUsedBytes: 31_457_280,
    cpuUserMs: 5_400,
    cpuSystemMs: 900,
    eventLoopDelayMs: { p50: 1.1, p99: 2.4, max: 11.9 },
  },
};

export const newSessions = { 'for an hour': { userId: '42', ttlSeconds: 3_600, claims: { rooms: ['protocol:*'] } } };

export const session = { token: 'sess_…', expiresAt: AT + 3_600_000 };

export const sessionRevocations = { 'all of a user': { userId: '42' }, 'one token': { token: 'sess_…' } };

export const tokenRevocations = { 'all of a user': { userId: '42' }, 'one token': { jti: '9f1c1f0e' } };

export const metrics = '# TYPE rtserver_connections gauge\nrtserver_connections 251\n';
