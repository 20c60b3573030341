import { randomBytes } from 'node:crypto';

export interface FrameOptions {
  /** 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong; 3 to 7 and 11 to 15 are reserved. Default 1. */
  opcode?: number;
  /** Is this the last frame of its message? Default true. */
  isFinal?: boolean;
  /** Clients must mask. Default true. */
  isMasked?: boolean;
  /** The length that the header claims; default the true one. */
  claimedBytes?: number;
  /** The three reserved bits, 0 to 7; set ones need an extension. Default 0. */
  reserved?: number;
}

/** One WebSocket frame (RFC 6455, section 5.2), as sound or unsound as told. */
export function createFrame(payload: string | Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = 1, isFinal = true, isMasked = true, reserved = 0 } = options;
  const body = Buffer.from(payload as Uint8Array);
  const claimed = options.claimedBytes ?? body.length;
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  const maskBit = isMasked ? 0x80 : 0;
  let header: Buffer;
  if (claimed < 126) header = Buffer.from([first, maskBit | claimed]);
  else if (claimed < 65_536) header = Buffer.from([first, maskBit | 126, claimed >> 8, claimed & 0xff]);
  else {
    header = Buffer.alloc(10);
    header.set([first, maskBit | 127]);
    header.writeBigUInt64BE(BigInt(claimed), 2);
  }
  if (!isMasked) return Buffer.concat([header, body]);
  const mask = randomBytes(4);
  return Buffer.concat([header, mask, body.map((byte, place) => byte ^ (mask[place % 4] ?? 0))]);
}
