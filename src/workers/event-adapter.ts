import { Adapter, type BroadcastFlags, type BroadcastOptions, ClusterAdapter } from 'socket.io-adapter';
import { Decoder, Encoder, type Packet } from 'socket.io-parser';
import { type EventReports, MAIN_NAMESPACE, remoteSocketRoom, socketOfRemoteRoom } from '../contract/cluster.ts';
import { isPersonalRoom, userIdOf } from '../contract/rooms.ts';
import type { Link } from './link.ts';

/**
 * An event on its way to the other workers, encoded as for a client: what a payload says of itself in JSON is kept. A list,
 * because names of fields would go over with each.
 */
type HandedOn = [
  namespace: string,
  parts: (string | Buffer)[],
  rooms: string[],
  except: string[],
  flags?: BroadcastFlags | undefined,
];

/** An event, and to whom it goes: `undefined` where it is not to users alone. */
export interface Posted {
  event: HandedOn | string;
  users: string[] | undefined;
}

/** As one text where it has no bytes: the process in between then has nothing to take apart and put together again. */
const pack = (event: HandedOn): HandedOn | string =>
  event[1].every((part) => typeof part === 'string') ? JSON.stringify(event) : event;

type ClusterMessage = Parameters<ClusterAdapter['doPublish']>[0];
type ClusterResponse = Parameters<ClusterAdapter['doPublishResponse']>[1];

export interface EventAdapters {
  /** What Socket.IO is given as `adapter`. */
  readonly adapter: (namespace: never) => object;
  /** Takes what another worker has handed on. */
  onEvent(event: HandedOn | string): void;
  onMessage(message: ClusterMessage): void;
}

/**
 * Adapters that hand events on to the other workers. Local sockets get theirs in the same instant, whatever the others do.
 * What one worker could send and this one cannot, as a nesting that its stack is just too short for, is missed here.
 */
export function createEventAdapters(link: Link, { onNotHandedOn, onMissed, onCame }: EventReports): EventAdapters {
  const adapters = new Map<string, WorkerAdapter>();
  const encoder = new Encoder();

  class WorkerAdapter extends ClusterAdapter {
    constructor(namespace: { name: string }) {
      super(namespace);
      adapters.set(namespace.name, this);
    }

    // Not async: what cannot be encoded is to be thrown at whoever emits it.
    override broadcast(packet: Packet, options: BroadcastOptions): Promise<void> {
      Adapter.prototype.broadcast.call(this, packet, options);
      if (!options.flags?.local) this.handOn(packet, options);
      return Promise.resolve();
    }

    // What the primary knows about a user are the user's own connections. Code of an application may put others there.
    override addAll(id: string, rooms: Set<string>): Promise<void> | void {
      super.addAll(id, rooms);
      // Events of other namespaces go to all workers anyway.
      if (this.nsp.name !== MAIN_NAMESPACE) return;
      const userId: unknown = this.nsp.sockets.get(id)?.data.userId;
      const others = [...rooms].filter((room) => isPersonalRoom(room) && userIdOf(room) !== userId);
      if (others.length === 0) return;
      // The process ends with its primary.
      return Promise.all(others.map((room) => link.call('guest', userIdOf(room)))).then(
        () => {},
        () => {},
      );
    }

    private handOn(packet: Packet, { rooms, except, flags }: BroadcastOptions): void {
      const toRemote = (room: string) => (this.sids.has(room) ? remoteSocketRoom(room) : room);
      // A copy: the encoder may change what it is given.
      const parts = encoder.encode({ ...packet }) as HandedOn[1];
      const event: HandedOn = [
        this.nsp.name,
        parts,
        [...rooms].map(toRemote),
        [...(except ?? [])].map(toRemote),
        flags,
      ];
      const users = this.nsp.name === MAIN_NAMESPACE ? usersIn(rooms) : undefined;
      link.tell('event', { event: pack(event), users } satisfies Posted, undefined, (error) => {
        if (error !== null) onNotHandedOn(String(packet.data?.[0]), error);
      });
    }

    take([, parts, rooms, except, flags]: HandedOn): void {
      const toLocal = (room: string) => {
        const id = socketOfRemoteRoom(room);
        // An unknown socket stays what no room is called: without any room, the event would be everybody's.
        return id !== undefined && this.sids.has(id) ? id : room;
      };
      const targets = rooms.map(toLocal);
      // Most events to one user are for another worker.
      if (rooms.length > 0 && !targets.some((room) => this.rooms.has(room))) return;
      // The limit is one against clients.
      const decoder = new Decoder({ maxAttachments: Number.POSITIVE_INFINITY });
      decoder.on('decoded', (packet: Packet) => {
        const others = except.map(toLocal);
        if (this.nsp.name === MAIN_NAMESPACE) onCame(targets, others);
        const options = { rooms: new Set(targets), except: new Set(others) };
        Adapter.prototype.broadcast.call(this, packet, { ...options, ...(flags && { flags }) });
      });
      for (const part of parts) decoder.add(part);
    }

    takeMessage(message: ClusterMessage): void {
      this.onMessage(message);
    }

    override serverCount(): Promise<number> {
      return link.call<number>('count');
    }

    override async doPublish(message: ClusterMessage): Promise<string> {
      link.tell('message', message);
      return '';
    }

    override async doPublishResponse(_to: string, response: ClusterResponse): Promise<void> {
      link.tell('message', response);
    }
  }

  function guarded(take: () => void): void {
    try {
      take();
    } catch {
      onMissed('another worker', 1);
    }
  }

  return {
    // Not an arrow function: Socket.IO calls it with `new`.
    adapter: function createWorkerAdapter(namespace: never) {
      return new WorkerAdapter(namespace);
    },
    onEvent(packed) {
      const event = typeof packed === 'string' ? (JSON.parse(packed) as HandedOn) : packed;
      guarded(() => adapters.get(event[0])?.take(event));
    },
    onMessage: (message) => guarded(() => adapters.get(message.nsp)?.takeMessage(message)),
  };
}

function usersIn(rooms: ReadonlySet<string>): string[] | undefined {
  const all = [...rooms];
  return all.length > 0 && all.every(isPersonalRoom) ? all.map(userIdOf) : undefined;
}
