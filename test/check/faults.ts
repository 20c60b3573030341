/**
 * What `other-server.ts` can do wrong, one thing at a time, and the scenarios that must fail for it: these and no other.
 * Where there are several, the specifications say the same thing several times.
 */
export const FAULTS = {
  // Who may connect
  'accepts anyone': [
    'Authentication',
    'Client connection',
    'Reconnection',
    'Connection error logging',
    'Credentials handling',
    'Connection authentication',
  ],
  'does not verify signatures': [
    'Client connection',
    'Reconnection',
    'Connection error logging',
    'Credentials handling',
    'Connection authentication',
  ],
  'lets in whoever brings nothing': ['Authentication'],
  'gives no code for a session that is not there': ['Authentication'],
  'ignores the expiry of tokens': ['Connection authentication'],
  'takes tokens from the URL': ['Credentials handling'],
  'logs tokens': ['Credentials handling'],
  'logs tokens, and all of it a while later': ['Credentials handling'],
  'obeys whom it has refused': ['Credentials handling'],
  'ignores origins': ['Allowed origins'],
  'checks origins only over polling': ['Allowed origins'],
  'takes a look-alike for the frontend': ['Allowed origins'],
  'sends no CORS headers': ['CORS configuration'],
  'offers no WebSocket to who polls': ['Transport methods'],

  // Connections and their end
  'is not well': ['WebSocket server starts'],
  'greets nobody': ['Client connects'],
  'never frees a slot': ['Client disconnects'],
  'races the limit': ['Maximum connections per user'],
  'allows one connection too many': ['Maximum connections per user'],
  'gives no reason at the limit': ['Maximum connections per user'],
  'tells others who left': ['Client disconnection'],
  'keeps the rooms of who left': ['Client disconnection', 'Client disconnects', 'Client leaves room'],
  'replays what was missed': ['Reconnection'],
  'never pongs': ['Heartbeat received'],
  'does not acknowledge pings': ['Heartbeat received'],
  'forgets when it saw whom': ['Heartbeat received'],
  'lists sockets late, and as seen when they came': ['Heartbeat received'],
  'never times out': ['Heartbeat timeout'],
  'times out too early': ['Heartbeat timeout'],
  'times out who pings, too': ['Heartbeat timeout'],
  'times out without a word': ['Heartbeat timeout'],

  // Rooms
  'joins no personal room': [
    'User room auto-join',
    'User-targeted broadcasts',
    'Client disconnection',
    'Reconnection',
    'User room pattern',
  ],
  'does not rejoin': ['Reconnection'],
  'lets go of the personal room': ['User room pattern'],
  'opens personal rooms to others': ['User room pattern'],
  'leaks to rooms with a longer name': ['Room broadcast isolation', 'Broadcast to room'],
  'leaks from rooms to everyone': [
    'Module-specific rooms',
    'Room broadcast isolation',
    'Client leaves room',
    'Broadcast to room',
  ],
  'never leaves a room on request': ['Module-specific rooms'],
  'opens no rooms but protocols': [
    'Client disconnection',
    'User room pattern',
    'Module-specific rooms',
    'Room broadcast isolation',
    'Credentials handling',
    'Client disconnects',
    'Event to all clients',
  ],
  'refuses to let go of a protocol': ['User room pattern'],
  'lists no rooms': ['Client disconnection', 'Credentials handling', 'Client disconnects', 'Client leaves room'],
  'joins no protocol': ['Client joins room', 'Client leaves room', 'Broadcast to room'],
  'stays in the protocol before': ['Client leaves room'],

  // Events
  'leaks from users to everyone': ['User-targeted broadcasts'],
  'reaches one socket of each user': ['User-targeted broadcasts'],
  'broadcasts only to WebSockets': ['Event to all clients'],
  'broadcasts twice': ['Event to all clients'],
  'loses what is null': ['Server emits event'],
  'swallows acknowledgements': ['Event acknowledgment'],
  'asks one socket of several': ['Event acknowledgment'],
  'waits for acknowledgements for ever': ['Event acknowledgment'],
  'checks no payload': ['Typed event emission', 'Failed emission handling'],
  'takes any event': ['Typed event emission'],
  'stops at a failed emission': ['Failed emission handling'],
  'throws where there is no server': ['Failed emission handling', 'Infrastructure failure logging'],
  'runs a second server': ['Server initialization'],

  // Logs
  'logs no connections': ['Client connection'],
  'logs no disconnections': ['Client disconnection'],
  'logs no refusals': ['Connection error logging', 'Credentials handling'],
  'logs refusals under another id': ['Connection error logging', 'Credentials handling'],
  'logs no emissions': ['Event emission logging'],
  'logs emissions as information': ['Event emission logging'],
  'logs no missing server': ['Infrastructure failure logging'],
  'logs no failed emissions': ['Failed emission handling', 'Infrastructure failure logging'],
  'logs no timeouts': ['Heartbeat timeout'],
} as const satisfies Record<string, readonly string[]>;

export type Fault = keyof typeof FAULTS;
