import type { ErrorCode } from './errors.ts';

/** What the HTTP API lists. Times are milliseconds since 1970. */

export interface SocketInfo {
  id: string;
  userId: string;
  rooms: string[];
  transport: 'websocket' | 'polling';
  address: string;
  connectedAt: number;
  lastSeen: number;
  /** Bytes written to this socket that its client has not taken yet. */
  bufferedBytes: number;
  /** Which node of a cluster holds it. */
  node: string;
}

export interface RoomInfo {
  room: string;
  sockets: number;
  users: number;
}

export interface UserInfo {
  userId: string;
  sockets: number;
  /** When the oldest of the user's live sockets connected. */
  connectedAt: number;
}

/** A connection that was refused or that the server ended. */
export interface RefusalInfo {
  at: number;
  kind: 'refused' | 'closed';
  code: ErrorCode;
  userId?: string;
  address: string;
  origin?: string;
  correlationId: string;
  /** Which node of a cluster it was on. */
  node?: string;
}

/** One page; `next` is the cursor of the page after it. */
export interface Page<Item> {
  items: Item[];
  next?: string;
  /** Nodes of a cluster that did not answer in time, and are not in the page; `null` for all but one. */
  missingNodes?: number | null;
}

export const PAGE_LIMIT_DEFAULT = 100;
export const PAGE_LIMIT_MAX = 1_000;

/** An `application/problem+json` body (RFC 9457) with a code of the contract. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  correlationId: string;
}

/** `.rtserver/server.json`: how commands find the server that runs in a folder. */
export interface ServerFile {
  pid: number;
  url: string;
  /** The Socket.IO path. */
  path: string;
  startedAt: number;
  version: string;
  /** The configuration file that it runs with, absolute. */
  config?: string;
}

/** One of the application's declared events. */
export interface EventInfo {
  event: string;
  /** The library that its schema was written with, as Standard Schema names it. */
  vendor: string;
}
