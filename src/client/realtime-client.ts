import type { Socket } from 'socket.io-client';
import type { Closing } from '../contract/closings.ts';
import type { RtError } from '../contract/errors.ts';
import type {
  EventName,
  EventSchemas,
  PayloadOutput,
  Pong,
  ProtocolJoinResult,
  ProtocolLeaveResult,
  Ready,
  RefreshResult,
  RoomResult,
} from '../contract/events.ts';

export interface ConnectOptions {
  /** The token, or how to get one: a function is asked again for each connection, so that it can give a fresh one. */
  token?: string | (() => string | Promise<string>);
  /** Further headers of the handshake. Browsers send them with polling only. */
  headers?: Record<string, string>;
  /** Send cookies to another origin: needed in browsers for a session cookie. */
  withCredentials?: boolean;
  /** Tried in this order. Default: WebSocket, then polling. */
  transports?: ('websocket' | 'polling')[];
  /** Default `/socket.io`. */
  path?: string;
  /** Time between heartbeats; `false` sends none. Default: a third of what the server allows. */
  heartbeatMs?: number | false;
  /** Come back by itself after a lost connection, and after a refusal or closing that allows it. Default `true`. */
  reconnection?: boolean;
  /** How long a connection may take to open, and as long again until `ready`. Default 10 s. */
  connectTimeoutMs?: number;
  /** How long to wait for each acknowledgement. Default 5 s. */
  ackTimeoutMs?: number;
}

/** The server's own events, with their payloads. */
export interface SystemPayloads {
  ready: Ready;
  pong: Pong;
  closing: Closing;
}

/** Answers an event that was emitted with an acknowledgement; `undefined` where none was asked for. */
export type Acknowledge = ((value?: unknown) => void) | undefined;

/** One connection to an rtserver, across reconnections. Whoever opens it closes it. */
export interface RealtimeClient<Schemas extends EventSchemas = EventSchemas> {
  /**
   * The first connection: its `ready`, or why there is none, an `RtError` with the code of the refusal or
   * `SERVER_UNREACHABLE`. After an error that may pass (`error.retry`) the client goes on trying until `close()`, unless
   * `reconnection` is `false`.
   */
  readonly ready: Promise<Ready>;
  /** Resolves when the client has ended for good: to the reason, or to nothing after `close()`. Never rejects. */
  readonly closed: Promise<RtError | undefined>;
  readonly isConnected: boolean;
  /** The Socket.IO socket beneath, for whoever needs more. */
  readonly socket: Socket;

  /** Listens; the answer stops listening. `ready` comes with each reconnection: the moment to join rooms again. */
  on<Name extends keyof SystemPayloads>(event: Name, handler: (payload: SystemPayloads[Name]) => void): () => void;
  on<Name extends EventName<Schemas>>(
    event: Name,
    handler: (payload: PayloadOutput<Schemas[Name]>, acknowledge: Acknowledge) => void,
  ): () => void;
  /** Listens to every event, the server's own included. */
  onAny(handler: (event: string, payload: unknown, acknowledge: Acknowledge) => void): () => void;
  /** The server is about to end this connection. */
  onClosing(handler: (closing: Closing) => void): () => void;

  join(room: string): Promise<RoomResult>;
  leave(room: string): Promise<RoomResult>;
  /** Joins `protocol:<protocolId>`, leaving the protocol room before. */
  joinProtocol(protocolId: string | number): Promise<ProtocolJoinResult>;
  leaveProtocol(): Promise<ProtocolLeaveResult>;
  /**
   * Hands a new token of the same user to the live connection, before the old one expires. Where the option `token` is a
   * text, the new one takes its place for later connections too; a function is asked again.
   */
  refresh(token: string): Promise<RefreshResult>;
  /** Sends a heartbeat now. */
  ping(): Promise<Pong>;
  /**
   * Sends an event to the server and resolves to its acknowledgement. Rejects with an `RtError`: the server's code, or
   * `ACK_TIMEOUT`, or `SERVER_UNREACHABLE` where the connection is lost first.
   */
  emit(event: string, payload?: unknown): Promise<unknown>;

  /** Ends the connection and every timer. Safe twice. */
  close(): void;
}
