import type { Packet as EnginePacket } from 'engine.io-parser';
import type { WireError } from './errors.ts';

export type { EnginePacket };

export type TransportName = 'websocket' | 'polling';

/** How a connection ended. */
export interface WireClosing {
  /** The close code of the WebSocket (1005: a close frame without one, 1006: no close frame); for polling 1000 or 1006. */
  code: number;
  reason: string;
  /** Who ended it: `client` after `close()` or `drop()`. */
  by: 'client' | 'server';
  /** On the clock of `performance.now()`. */
  at: number;
}

/** A server that does not answer a proper close is not waited for longer than this. */
export const CLOSE_TIMEOUT_MS = 2_000;

/** Carries Engine.IO packets; reports to its owner. */
export interface Transport {
  readonly name: TransportName;
  /** Bytes that were sent and that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  /** Sends one Engine.IO packet as it stands, sensible or not. */
  send(packet: string | Uint8Array): void;
  /** Resolves when the kernel has taken everything sent so far. */
  flushed(): Promise<void>;
  /** Stops reading: what the server sends piles up on its side. */
  pause(): void;
  resume(): void;
  close(): void;
  /** Ends without a word; `reset` sends a TCP reset instead of an orderly end. */
  drop(reset: boolean): void;
}

export interface TransportOwner {
  /** The transport can send. */
  onUp(): void;
  onPacket(packet: EnginePacket, bytes: number): void;
  /** The transport never came up, or broke: no packet follows. */
  onFail(error: WireError): void;
  /** The transport was up and has ended: no packet follows. */
  onDown(code: number, reason: string): void;
}
