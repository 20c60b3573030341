import { connectPeer, type PeerOptions, type WirePeer } from './connected-peer.ts';
import { createFrame } from './frames.ts';

export interface FragmentingPeer extends WirePeer {
  /** Sends one text message as frames of so many bytes, which is allowed; without its last frame where `isFinished` is false. */
  send(message: string, options: { frameBytes: number; isFinished?: boolean }): void;
  /** Sends one frame in pieces of so many bytes, each a TCP segment of its own. */
  trickle(message: string, options: { pieceBytes: number }): Promise<void>;
}

/** Connected, and sends its messages in crumbs. */
export async function fragmentingPeer(url: string, options: PeerOptions = {}): Promise<FragmentingPeer> {
  const peer = await connectPeer(url, options);
  return {
    ...peer,
    send(message, { frameBytes, isFinished = true }) {
      const parts = split(Buffer.from(message), frameBytes);
      parts.forEach((part, place) => {
        const isFinal = isFinished && place === parts.length - 1;
        peer.wire.writeBytes(createFrame(part, { opcode: place === 0 ? 1 : 0, isFinal }));
      });
    },
    async trickle(message, { pieceBytes }) {
      for (const piece of split(createFrame(message), pieceBytes)) {
        peer.wire.writeBytes(piece);
        await peer.wire.flushed();
      }
    },
  };
}

function split(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, place) => bytes.subarray(place * size, (place + 1) * size));
}
