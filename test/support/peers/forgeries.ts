import { createFrame } from './frames.ts';

/** Garbage, and the layer that it is garbage of. */
export interface Forgery {
  name: string;
  /** `message`: sent as WebSocket messages, one each. `bytes`: written below the framing. */
  layer: 'message' | 'bytes';
  parts: readonly (string | Uint8Array)[];
}

const message = (name: string, ...parts: (string | Uint8Array)[]): Forgery => ({ name, layer: 'message', parts });
const bytes = (name: string, ...parts: Uint8Array[]): Forgery => ({ name, layer: 'bytes', parts });

const DEEP = 40_000;

/** Ill-formed and hostile packets. No server may end, hang, or serve others worse because of any of them. */
export const FORGERIES: readonly Forgery[] = [
  // Engine.IO
  message('an empty message', ''),
  message('an Engine.IO packet type out of range', '9'),
  message('an Engine.IO packet type that is a letter', 'x'),
  message('an open packet from the client', '0{"sid":"forged","upgrades":[],"pingInterval":1,"pingTimeout":1}'),
  message('a ping from the client', '2'),
  message('a pong that nobody asked for', '3'),
  message('an upgrade without a probe', '5'),
  message('a probe on a connection that is up', '2probe', '3probe', '5'),

  // Socket.IO
  message('a message without a packet', '4'),
  message('a packet type out of range', '47["x"]'),
  message('a packet type that is a letter', '4z'),
  message('an event without a name', '42[]'),
  message('an event that is no list', '42{"x":1}'),
  message('an event whose name is an object', '42[{"toString":"x"}]'),
  message('an event whose name is null', '42[null]'),
  message('an event without data', '42'),
  message('JSON that ends too early', '42["x",[[[['),
  message('JSON nested deeper than a stack', `42["x",${'['.repeat(DEEP)}${']'.repeat(DEEP)}]`),
  message('JSON nested deeper than a stack, and open', `42["x",${'['.repeat(DEEP)}`),
  message('a reserved event name', '42["disconnect","transport close"]'),
  message('another reserved event name', '42["newListener",{}]'),
  message('an event named like a prototype', '42["__proto__",{}]', '42["constructor",{}]', '42["toString"]'),
  message('a payload with __proto__', '42["ping",{"__proto__":{"isAdmin":true,"toJSON":1}}]'),
  message('a payload with constructor.prototype', '42["room:join",{"constructor":{"prototype":{"room":"x"}}}]'),
  message('numbers too large for JSON', `42["ping",1e999,-1e999,${'9'.repeat(5_000)}]`),
  message('an acknowledgement id too large for a number', `42${'9'.repeat(400)}["ping"]`),
  message('an acknowledgement that nobody asked for', '43999["x"]', '430[]', '43[]'),
  message('an acknowledgement that is no list', '431{"x":1}'),
  message('an event for a namespace that was not entered', '42/admin,["x"]'),
  message('an event for a namespace without an end', '42/admin'),
  message('CONNECT to a namespace that is not there', '40/nowhere,{}'),
  message('CONNECT to ten namespaces', ...Array.from({ length: 10 }, (_, place) => `40/forged-${place},{}`)),
  message('CONNECT with a list as credentials', '40[]'),
  message('CONNECT with __proto__ as credentials', '40{"__proto__":{"token":"x"}}'),
  message('CONNECT twice', '40{}', '40{}'),
  message('a refusal from the client', '44{"message":"no"}'),
  message('DISCONNECT with data', '41{"x":1}'),
  message('DISCONNECT twice', '41', '41'),

  // Binary packets
  message('a placeholder without its attachment', '451-["x",{"_placeholder":true,"num":0}]', '42["ping"]'),
  message('a placeholder out of range', '451-["x",{"_placeholder":true,"num":9}]', Buffer.from([1])),
  message('a placeholder with a negative number', '451-["x",{"_placeholder":true,"num":-1}]', Buffer.from([1])),
  message('a placeholder with a word', '451-["x",{"_placeholder":true,"num":"__proto__"}]', Buffer.from([1])),
  message('a placeholder in an event without attachments', '42["x",{"_placeholder":true,"num":0}]'),
  message('no attachments in a binary event', '450-["x"]'),
  message('more attachments than any server allows', `45${'9'.repeat(15)}-["x",{"_placeholder":true,"num":0}]`),
  message('a negative count of attachments', '45-1-["x",{"_placeholder":true,"num":0}]'),
  message('a count of attachments that is no number', '45x-["x",{"_placeholder":true,"num":0}]'),
  message('a count of attachments without an end', '451'),
  message('an attachment that nobody announced', Buffer.from([1, 2, 3])),
  message(
    'a binary event within another',
    '451-["x",{"_placeholder":true,"num":0}]',
    '451-["y",{"_placeholder":true,"num":0}]',
  ),
  message('a binary acknowledgement that nobody asked for', '461-7[{"_placeholder":true,"num":0}]', Buffer.from([1])),

  // WebSocket frames
  bytes('text that is not UTF-8', createFrame(Buffer.from([0x34, 0x32, 0xff, 0xfe, 0xc0]))),
  bytes('a frame that is not masked', createFrame('42["ping"]', { isMasked: false })),
  bytes('a reserved opcode', createFrame('42["ping"]', { opcode: 3 })),
  bytes('reserved bits', createFrame('42["ping"]', { reserved: 7 })),
  bytes('a continuation of nothing', createFrame('42["ping"]', { opcode: 0 })),
  bytes('a message within another', createFrame('42["pi', { isFinal: false }), createFrame('42["ping"]')),
  bytes('a ping frame in fragments', createFrame('x', { opcode: 9, isFinal: false })),
  bytes('a ping frame that is too long', createFrame('x'.repeat(200), { opcode: 9 })),
  bytes('a close frame with an invalid code', createFrame(Buffer.from([0, 1]), { opcode: 8 })),
  bytes('a close frame of one byte', createFrame(Buffer.from([3]), { opcode: 8 })),
  bytes('a length of almost 8 exabytes', createFrame('42', { claimedBytes: Number.MAX_SAFE_INTEGER })),
  bytes('a frame that never ends', createFrame('42["ping"', { claimedBytes: 1_000 })),
  bytes('an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')),
];

/** A credential that no header, log or error should carry about. */
export const LONG_TOKEN = `ey${'x'.repeat(49_996)}.x`;
