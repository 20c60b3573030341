import type { Duplex } from 'node:stream';
import type { Redis } from 'ioredis';
import { type EventReports, MAIN_NAMESPACE, remoteSocketRoom, socketOfRemoteRoom } from '../contract/cluster.ts';
import type { Peers } from './peers.ts';
import type { RedisConnections } from './redis-connections.ts';
import { createSequence } from './sequence.ts';

/** What is used of the adapter beyond its types. */
interface Innards {
  sids: ReadonlyMap<string, unknown>;
  parser: { encode(message: unknown): unknown; decode(bytes: unknown): unknown };
  pubClient: Redis;
  hasRoom(room: string): boolean;
  broadcast(packet: Packet, options: unknown): void;
  close(): void;
}

type Listener = (...args: unknown[]) => void;

interface Packet {
  data?: readonly unknown[];
}

type Envelope = [uid: string, packet: unknown, options: { rooms?: string[]; except?: string[] }];

/**
 * Makes the adapters that hand events on to the other nodes. Local sockets get theirs in the same instant, whatever Redis
 * does. Events are numbered: what did not come is counted where it is missing, and what comes late or twice is dropped.
 */
export function createAdapterFactory(
  { createAdapter }: Peers,
  { commands, listening }: RedisConnections,
  prefix: string,
  nodeId: string,
  { onNotHandedOn, onMissed, onCame }: EventReports,
): (namespace: never) => object {
  // Not an arrow function: Socket.IO calls it with `new`.
  return function createEventAdapter(namespace) {
    const { name } = namespace as { name: string };
    const own = `${prefix}#${name}#`;
    const sequence = createSequence(nodeId, onMissed);
    const hearing = {
      subscribe: listening.subscribe,
      psubscribe: listening.psubscribe,
      on(name: string, listener: Listener) {
        if (name === 'messageBuffer') return listening.on(name, guarded(listener));
        if (name !== 'pmessageBuffer') return listening.on(name, listener);
        return listening.on(name, (pattern, channel: Buffer, message: Buffer) => {
          if (!channel.toString().startsWith(own)) return;
          const taken = sequence.take(message);
          if (taken === undefined) return;
          try {
            listener(pattern, channel, taken.body);
          } catch {
            // Nothing that was published ends this node.
            onMissed(taken.node, 1);
          }
        });
      },
    };
    const adapter = createAdapter(commands, hearing, { key: prefix })(namespace) as unknown as Innards;
    const { parser, hasRoom, broadcast } = adapter;
    /** The event that is being handed on: `broadcast` publishes before it returns. */
    let event: string | undefined;

    const publish = (channel: string, message: Buffer) => {
      if (event === undefined) return commands.publish(channel, message).catch(() => {});
      const name = event;
      writeTogether(commands.stream);
      return commands.publish(channel, sequence.give(message)).catch((cause: unknown) => onNotHandedOn(name, cause));
    };
    const toRemote = (room: string) => (adapter.sids.has(room) ? remoteSocketRoom(room) : room);
    const toLocal = (room: string) => {
      const id = socketOfRemoteRoom(room);
      // An unknown socket stays what no room is called: without any room, the event would be everybody's.
      return id !== undefined && adapter.sids.has(id) ? id : room;
    };
    const translate = (message: unknown, each: (room: string) => string): unknown => {
      if (!Array.isArray(message)) return message;
      const [uid, packet, options] = message as Envelope;
      const { rooms = [], except = [] } = options;
      return [uid, packet, { ...options, rooms: rooms.map(each), except: except.map(each) }];
    };

    return Object.assign(adapter, {
      pubClient: Object.create(commands, { publish: { value: publish } }),
      parser: {
        encode: (message: unknown) => parser.encode(translate(message, toRemote)),
        decode(bytes: unknown) {
          const message = translate(parser.decode(bytes), toLocal);
          if (Array.isArray(message) && name === MAIN_NAMESPACE) {
            const [, , { rooms = [], except = [] }] = message as Envelope;
            onCame(rooms, except);
          }
          return message;
        },
      },
      hasRoom: (room: string) => hasRoom.call(adapter, toLocal(room)),
      broadcast(packet: Packet, options: unknown) {
        event = String(packet.data?.[0]);
        try {
          broadcast.call(adapter, packet, options);
        } finally {
          event = undefined;
        }
      },
      // The connections are closed as a whole: unsubscribing on one that is away would fail later, unheard.
      close() {},
    });
  };
}

/** Anybody may publish: what is no request of a node is none. */
const guarded = (listener: Listener) => (channel: unknown, message: unknown) =>
  void (async () => listener(channel, message))().catch(() => {});

/** All that is published in one go is one write. */
function writeTogether(stream: Duplex): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}
