/** What is said about a setting wherever it is explained. */
export interface SettingText {
  /** One or two sentences; code in backquotes. */
  text: string;
  /** What holds where nothing is set and the schema has no default. */
  unset?: string;
  /** For a starter file, where there is no default to show. */
  example?: unknown;
}

export const SETTING_TEXTS: Readonly<Record<string, SettingText>> = {
  host: {
    text: 'The address to listen on. Beyond loopback the server asks for a real secret, a key or a JWK Set.',
  },
  port: { text: 'The port; `0` for any free one, which the log line `server.listening` names.' },
  path: { text: 'Where Socket.IO answers.' },
  'tls.cert': {
    text: 'PEM file of the certificate, its chain included; taken up again when it changes.',
    example: 'cert.pem',
  },
  'tls.key': { text: 'PEM file of its key.', example: 'key.pem' },
  insecureHttp: {
    text: 'With `NODE_ENV=production`, plain HTTP beyond loopback is refused unless this says that a proxy encrypts.',
  },
  trustProxy: {
    text: 'Addresses, subnets or `loopback`, `linklocal`, `uniquelocal`: whose `X-Forwarded-For` is believed.',
  },
  'cors.origins': {
    text: 'Web origins whose pages may connect, compared whole; `*` stands for labels of the host.',
    unset: 'on loopback any loopback origin, else none',
    example: ['https://app.example', 'https://*.preview.app.example'],
  },
  'cors.requireOrigin': { text: 'Refuse clients without an `Origin` header, which are not browsers.' },
  'auth.secret': {
    text: 'The secret of the tokens (HS256): a value, `@file` or `env:NAME`. At least 32 bytes beyond loopback.',
    unset: 'made by `start` on loopback',
    example: 'env:JWT_SECRET',
  },
  'auth.previousSecret': {
    text: 'Tokens signed with it stay good while you replace the secret.',
    example: 'env:JWT_SECRET_BEFORE',
  },
  'auth.publicKey': {
    text: 'Instead of a secret: a PEM (RSA, EC or Ed25519), `@file` or `env:NAME`.',
    example: '@key.pem',
  },
  'auth.jwksUri': {
    text: 'Instead of a secret: a published JWK Set. The keys are kept, and fetched again every 10 minutes or for an unknown key id.',
    example: 'https://login.example/.well-known/jwks.json',
  },
  'auth.algorithms': {
    text: 'Narrows the algorithms. `none` is never allowed, nor HMAC with a public key.',
    unset: "by the key's type",
    example: ['RS256'],
  },
  'auth.issuer': { text: 'The `iss` that a token must have.', unset: 'not checked', example: 'https://login.example' },
  'auth.audience': { text: 'The `aud` that a token must have.', unset: 'not checked', example: 'realtime' },
  'auth.clockToleranceSeconds': { text: 'How far the clock of the issuer may be off.' },
  'limits.connectionsPerUser': { text: 'Connections that one user may have.' },
  'limits.onExceeded': {
    text: "`reject`, or `replace-oldest`: ends the user's oldest connection instead, with the closing `REPLACED`.",
  },
  'limits.connections': { text: 'Connections all together; decided before a token is verified.', example: 10_000 },
  'limits.connectsPerSecond': { text: 'Attempts of one address, with a burst of twice that.', example: 20 },
  'limits.whenStoreDown': {
    text: 'In a cluster, while Redis is away: `local` lets each node go on with the connections that it knows of, `refuse` lets nobody else in.',
  },
  'limits.connectTimeout': { text: 'From the transport to the end of the handshake.' },
  'limits.roomsPerSocket': { text: 'Rooms that one socket may join, beside the personal room.' },
  'limits.eventsPerSecond': {
    text: 'Events of one socket, with a burst of twice that. Over it: `RATE_LIMITED`; for 5 s on end: closed.',
  },
  'limits.payloadBytes': { text: 'The size of one packet from a client.' },
  'limits.bufferedBytes': { text: 'Waiting for one client for over a second: closed with `SLOW_CONSUMER`.' },
  'heartbeat.timeout': { text: 'Silence after which a client is closed.' },
  'heartbeat.source': {
    text: "What breaks the silence: the event `ping`, or `any` packet, the transport's own pong included.",
  },
  'ack.timeout': { text: 'How long an emission waits for acknowledgements.' },
  'engine.pingInterval': { text: "Socket.IO's own transport heartbeat: time between two." },
  'engine.pingTimeout': { text: "Socket.IO's own transport heartbeat: how long an answer may take." },
  'engine.transports': { text: 'What clients may use.' },
  'redis.url': {
    text: 'One cluster with all servers on this Redis: one limit, one list, one kick. Needs the packages `ioredis` and `@socket.io/redis-adapter`.',
    unset: 'a server of its own',
    example: 'redis://127.0.0.1:6379',
  },
  'redis.prefix': { text: 'Begins the names of all keys and channels: keeps two clusters apart on one Redis.' },
  fastPath: {
    text: 'Frames go straight to the system, once for each socket and turn of the event loop, and events that ask for an acknowledgement straight to their handlers. Off, everything takes the way of Socket.IO and ws.',
  },
  workers: {
    text: 'Processes of `rtserver start` behind the one port; `auto` for one a core. They share everything: limits, lists, rooms, revocations. At most 64, or four a core where that is more.',
    example: 'auto',
  },
  'state.file': {
    text: 'Where sessions and revocations survive a restart.',
    unset: '`.rtserver/state.json` with `start`, memory in the library',
    example: '.rtserver/state.json',
  },
  'shutdown.timeout': { text: 'A graceful stop takes no longer.' },
  'shutdown.spread': { text: 'Clients are closed over this window, not all at once.' },
  'log.level': { text: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.' },
  'log.format': { text: '`pretty` or `json`; on a terminal `start` is pretty unless this is set.' },
};
