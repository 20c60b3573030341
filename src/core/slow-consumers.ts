import type { EventEmitter } from 'node:events';
import { bufferedBytes } from './buffered.ts';
import type { Connection, RtServer, RtSocket } from './connection.ts';
import type { Connections } from './connections.ts';
import { endTransport } from './end-transport.ts';

type Transport = RtSocket['conn'];

const SWEEP_EVERY_MS = 500;
/** A burst may fill a buffer for a moment; a client that does not read keeps what waits for it waiting. */
const PATIENCE_MS = 1_000;
/** Some 200 us. */
const LOOKS_IN_ONE_GO = 1_000;

export interface SlowConsumers {
  /** Clients with more than half of the limit waiting, when last looked. */
  readonly slow: number;
  close(): void;
}

/**
 * Finds the clients that do not take what is sent to them, before what waits for them fills the memory: those with more than
 * the limit waiting who have taken longer than a second over what was waiting before. One that is sent more all the time, and
 * takes it, may be over the limit whenever it is looked at. Transports that are in no namespace are looked at too: what is
 * asked over them is answered as well.
 *
 * @param limits `bufferedBytes` may wait for one client for longer than a second
 * @param onSlow called once for such a connection, which it must end
 * @param now a clock in milliseconds that only moves forward
 */
export function watchSlowConsumers(
  io: RtServer,
  connections: Pick<Connections, 'all'>,
  limits: { readonly bufferedBytes: number },
  onSlow: (connection: Connection) => void,
  now: () => number = () => performance.now(),
): SlowConsumers {
  let slow = 0;
  /** Goes a round on after this turn? */
  let isSweeping = false;
  let isClosed = false;
  /** When a transport was first seen over the limit since it last took all that had been written. */
  const overSince = new Map<Transport, number>();

  function watch(conn: Transport, since: number): number {
    const { transport } = conn as unknown as { transport: EventEmitter };
    transport.once('drain', () => overSince.delete(conn));
    overSince.set(conn, since);
    return since;
  }

  /** Followed from the first look on: there is no engine before the server is attached. */
  let transports: Set<Transport> | undefined;
  const onConnection = (conn: Transport) => void transports?.add(conn);

  function follow({ engine }: RtServer): Set<Transport> {
    engine.on('connection', onConnection);
    // engine.io lists its transports to subclasses only.
    return new Set(Object.values((engine as unknown as { clients?: Record<string, Transport> }).clients ?? {}));
  }

  /** Looks at one transport of a round. */
  function look(conn: Transport, round: Round): void {
    const bytes = bufferedBytes({ conn });
    if (bytes > limits.bufferedBytes / 2) round.slow += 1;
    if (bytes <= limits.bufferedBytes) return;
    const since = overSince.get(conn) ?? watch(conn, round.at);
    round.connectionOf ??= new Map(connections.all().map((connection) => [connection.socket.conn, connection]));
    const connection = round.connectionOf.get(conn);
    // Nothing is owed to a transport in no namespace: no patience either.
    if (connection === undefined) endTransport(conn);
    else if (round.at - since >= PATIENCE_MS) onSlow(connection);
  }

  /** Goes on with a round, in parts between which others have their turn. */
  function sweep(round: Round): void {
    isSweeping = false;
    if (isClosed) return;
    for (let count = 0; count < LOOKS_IN_ONE_GO; count += 1) {
      const { done, value: conn } = round.left.next();
      if (done === true) {
        slow = round.slow;
        return;
      }
      if (conn.readyState === 'closed') transports?.delete(conn);
      else if (!isIdle(conn)) look(conn, round);
    }
    isSweeping = true;
    setImmediate(sweep, round);
  }

  const timer = setInterval(() => {
    if (isSweeping) return;
    for (const conn of overSince.keys()) if (conn.readyState === 'closed') overSince.delete(conn);
    transports ??= follow(io);
    sweep({ left: transports.values(), at: now(), slow: 0 });
  }, SWEEP_EVERY_MS);
  timer.unref();

  return {
    get slow() {
      return slow;
    },
    close() {
      isClosed = true;
      clearInterval(timer);
      if (transports !== undefined) io.engine.off('connection', onConnection);
    },
  };
}

/** One look at all transports. */
interface Round {
  readonly left: Iterator<Transport>;
  readonly at: number;
  slow: number;
  /** Made only when it is asked for. */
  connectionOf?: Map<Transport, Connection>;
}

/** Most have nothing waiting, which is seen without looking at the sockets below them. */
function isIdle(conn: Transport): boolean {
  const { transport, writeBuffer } = conn as unknown as { transport: { writable?: boolean }; writeBuffer?: unknown[] };
  return transport.writable === true && writeBuffer?.length === 0;
}
