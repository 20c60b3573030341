import { Decoder, Encoder, type Packet, PacketType } from 'socket.io-parser';

export { type Packet, PacketType };

const encoder = new Encoder();

/** A Socket.IO packet as the messages that carry it: text first, then its binary attachments. */
export function encodePacket(packet: Packet): (string | Uint8Array)[] {
  return encoder.encode(packet);
}

/**
 * Reads packets that may come in several messages. A decoder of socket.io-parser keeps state only between a binary
 * packet and its last attachment; all wires share one for text, and have their own only in that time.
 */
export class PacketReader {
  #assembling: Decoder | undefined;

  /** The packet that this message completes. Throws on what is no packet. */
  read(message: string | Uint8Array): Packet | undefined {
    if (this.#assembling === undefined) {
      if (typeof message === 'string' && !/^[56]/.test(message)) return decode(textDecoder, message);
      this.#assembling = createDecoder();
    }
    try {
      const packet = decode(this.#assembling, message);
      if (packet !== undefined) this.#assembling = undefined;
      return packet;
    } catch (error) {
      this.#assembling = undefined;
      throw error;
    }
  }
}

let decoded: Packet | undefined;

function createDecoder(): Decoder {
  const decoder = new Decoder({ maxAttachments: Number.POSITIVE_INFINITY });
  decoder.on('decoded', (packet: Packet) => {
    decoded = packet;
  });
  return decoder;
}

const textDecoder = createDecoder();

function decode(decoder: Decoder, message: string | Uint8Array): Packet | undefined {
  decoded = undefined;
  decoder.add(message);
  return decoded;
}
