import type { IncomingMessage } from 'node:http';
import type { ClosingCode, Refusal } from '../contract/closings.ts';
import { correlationIdOf } from '../contract/correlation-id.ts';
import { ERRORS, isRtError, RtError } from '../contract/errors.ts';
import type { Identity } from '../contract/identity.ts';
import type { Log } from '../contract/log-names.ts';
import type { Admission, Slot } from './admission.ts';
import type { Connection, RtServer, RtSocket } from './connection.ts';
import { endTransport } from './end-transport.ts';
import type { FloodGuard, FloodState } from './flood.ts';
import type { RefusalLog } from './refusals.ts';
import { type Counters, increment } from './stats.ts';

/** What a client brought to its handshake. */
export interface Handshake {
  /** Payload of the CONNECT packet: whatever the client sent. */
  auth: unknown;
  headers: IncomingMessage['headers'];
  query: Readonly<Record<string, unknown>>;
  address: string;
}

/** Says who a client is, or throws an `RtError` with the code of the refusal. */
export type Authenticate = (handshake: Handshake) => Identity | Promise<Identity>;

/** A handshake that got through, handed to whoever makes a connection of it. */
export interface Admitted {
  identity: Identity;
  slot: Slot<Connection>;
  flood: FloodState;
  correlationId: string;
  address: string;
  origin: string | undefined;
}

export interface HandshakeGuard {
  /** Looks up, once, what a socket was admitted with; `endedBy` is why it must go at once. */
  take(socket: RtSocket): (Admitted & { endedBy: ClosingCode | undefined }) | undefined;
  /** Ends handshakes that are under way: their credentials were checked before it was decided that they are no good. */
  end(which: (identity: Identity) => boolean, code: ClosingCode): void;
}

export interface HandshakeContext {
  admission: Admission<Connection>;
  flood: FloodGuard;
  /** @throws RtError `RATE_LIMITED` */
  countConnect(address: string): void;
  authenticate: Authenticate;
  /** The client's address; behind a trusted proxy, the one it names. */
  addressOf(request: IncomingMessage): string;
  isDraining(): boolean;
  log: Log;
  counters: Counters;
  refusals: RefusalLog;
}

/**
 * Puts the handshake in front of the namespace `/`: capacity, credentials, per-user slot. (The origin was checked before
 * Socket.IO saw the request.) The slot hangs on the transport, not on the socket: a client that vanishes while its
 * credentials are being checked never has a `disconnect`.
 */
export function guardHandshakes(io: RtServer, context: HandshakeContext): HandshakeGuard {
  const { admission, log, counters, refusals } = context;
  const slots = new WeakMap<RtSocket['conn'], Slot<Connection>>();
  /** Of the transport too: leaving and coming back must not fill the bucket again. */
  const floods = new WeakMap<RtSocket['conn'], FloodState>();
  const admitted = new WeakMap<RtSocket, Admitted>();
  /** Known by name, and not connections yet. */
  const underWay = new Map<Slot<Connection>, { identity: Identity; endedBy?: ClosingCode }>();

  /** Shared by all transports, which are its `this`: no closure for each. */
  function releaseSlot(this: RtSocket['conn']): void {
    const slot = slots.get(this);
    if (slot !== undefined) giveUp(slot);
  }

  function giveUp(slot: Slot<Connection>): void {
    underWay.delete(slot);
    slot.release();
  }

  function refuse(socket: RtSocket, attempt: Attempt, error: unknown, next: (error: Error) => void): void {
    if (socket.conn.readyState !== 'open') {
      // Nobody is left to be refused; Socket.IO forgets the socket.
      next(error as Error);
      return;
    }
    const { correlationId, address, origin } = attempt;
    const { code, detail, cause } = toRefusal(error);
    const { message, retry } = ERRORS[code];
    increment(counters.refused, code);
    const about = {
      ...(attempt.userId !== undefined && { userId: attempt.userId }),
      address,
      ...(origin !== undefined && { origin }),
    };
    refusals.record({ at: Date.now(), kind: 'refused', code, ...about, correlationId });
    log.warn('connection.refused', {
      ...detail,
      correlationId,
      code,
      ...about,
      ...(cause !== undefined && { err: cause }),
    });
    const data: Refusal = { ...detail, code, message, retry, correlationId };
    next(Object.assign(new Error(message), { data }));
    // Not before the packet that says why is on its way: Socket.IO writes it in the next tick.
    setImmediate(endTransport, socket.conn);
  }

  io.use((socket, next) => {
    const { conn } = socket;
    if (conn.readyState !== 'open') {
      // Gone before its turn came: there will be no `close` any more to give a slot back on.
      next(new Error('the client left'));
      return;
    }
    const request = socket.request as IncomingMessage;
    const attempt: Attempt = {
      correlationId: correlationIdOf(request.headers),
      address: context.addressOf(request),
      origin: request.headers.origin,
    };
    if (slots.get(conn)?.isReleased === false) {
      // A second CONNECT on a transport whose first one is not over: it would get a slot of its own on the same transport. The first
      // keeps its slot until the transport is gone, since it may still get through.
      refuse(socket, attempt, new RtError('FORBIDDEN', { reason: 'one CONNECT for each transport' }), next);
      return;
    }

    const known = floods.get(conn);
    const flood = known ?? context.flood.create();
    floods.set(conn, flood);

    function settle(identity: Identity, slot: Slot<Connection>): void | Promise<void> {
      // Gone while it was verified: nobody would take it off the list again.
      if (slot.isReleased) return;
      if (context.isDraining()) throw new RtError('SERVER_SHUTDOWN');
      attempt.userId = identity.userId;
      underWay.set(slot, { identity });
      const claimed = slot.claim(identity.userId);
      if (claimed === undefined) admit(identity, slot);
      else return claimed.then(() => admit(identity, slot));
    }

    function admit(identity: Identity, slot: Slot<Connection>): void {
      // Gone while it was being decided on: it has had its answer.
      if (slot.isReleased) return;
      if (context.isDraining()) throw new RtError('SERVER_SHUTDOWN');
      const endedBy = underWay.get(slot)?.endedBy;
      if (endedBy !== undefined) throw new RtError(endedBy);
      admitted.set(socket, { identity, slot, flood, ...attempt });
      socket.data.userId = identity.userId;
      socket.data.user = identity.claims;
      socket.data.correlationId = attempt.correlationId;
      socket.data.lastSeen = Date.now();
      next();
    }

    try {
      if (context.isDraining()) throw new RtError('SERVER_SHUTDOWN');
      // Coming back on the same transport is an event like any other, and a dearer one.
      if (known !== undefined && context.flood.admit(flood) !== 'pass')
        throw new RtError('RATE_LIMITED', { reason: 'too many CONNECTs' });
      context.countConnect(attempt.address);
      const slot = admission.enter();
      // One listener for each transport, however many connections it carries one after the other.
      if (!slots.has(conn)) conn.on('close', releaseSlot);
      slots.set(conn, slot);
      const { auth, headers, query } = socket.handshake;
      const identity = context.authenticate({ auth, headers, query, address: attempt.address });
      const settled = identity instanceof Promise ? identity.then((who) => settle(who, slot)) : settle(identity, slot);
      if (settled === undefined) return;
      let onGone = () => {};
      const gone = new Promise<never>((_, reject) => {
        onGone = () => reject(new RtError('UNAUTHENTICATED', { reason: 'the client left' }));
        conn.once('close', onGone);
      });
      Promise.race([settled, gone])
        .finally(() => conn.off('close', onGone))
        .catch((error: unknown) => {
          giveUp(slot);
          refuse(socket, attempt, error, next);
        });
    } catch (error) {
      releaseSlot.call(conn);
      refuse(socket, attempt, error, next);
    }
  });

  return {
    take(socket) {
      const found = admitted.get(socket);
      if (found === undefined) return undefined;
      admitted.delete(socket);
      const endedBy = underWay.get(found.slot)?.endedBy;
      underWay.delete(found.slot);
      return { ...found, endedBy };
    },
    end(which, code) {
      for (const handshake of underWay.values()) if (which(handshake.identity)) handshake.endedBy = code;
    },
  };
}

interface Attempt {
  correlationId: string;
  address: string;
  origin: string | undefined;
  userId?: string;
}

/** An error that is not one of ours is a fault in the check, not a reason to let anybody in, nor for the client to read. */
function toRefusal(error: unknown): { code: RtError['code']; detail: RtError['detail']; cause?: unknown } {
  if (isRtError(error)) {
    return { code: error.code, detail: error.detail, ...(error.cause !== undefined && { cause: error.cause }) };
  }
  return { code: 'UNAUTHENTICATED', detail: {}, cause: error };
}
