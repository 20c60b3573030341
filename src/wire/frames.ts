import type { Socket } from 'node:net';
import * as ws from 'ws';

/* `ws` exports its reading and writing of frames, and its types do not know. */

export interface FrameReader {
  write(bytes: Uint8Array): boolean;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): this;
  on(event: 'ping', listener: (data: Buffer) => void): this;
  /** The close frame. */
  on(event: 'conclude', listener: (code: number, reason: Buffer) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
}

export interface FrameWriter {
  send(data: string | Uint8Array, options: { binary: boolean; mask: boolean; fin: boolean }, done: () => void): void;
  pong(data: Uint8Array, isMasked: boolean, done: () => void): void;
  close(code: number | undefined, reason: string | undefined, isMasked: boolean, done: () => void): void;
}

export const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: { isServer: boolean; maxPayload: number; maxFragments: number }) => FrameReader;
  Sender: new (socket: Socket) => FrameWriter;
};

const PROTOCOL_ERROR = 1002;
/** As RFC 6455 has it; all others are errors of the protocol. */
const CLOSE_CODES: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};

/** The code to close with after an error of the reader. */
export const closeCodeOf = ({ code = '' }: NodeJS.ErrnoException): number => CLOSE_CODES[code] ?? PROTOCOL_ERROR;
