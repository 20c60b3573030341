import { connectPeer, type PeerOptions, type WirePeer } from './connected-peer.ts';
import type { Forgery } from './forgeries.ts';
import { unconnectedPeer } from './half-open.ts';

export interface ForgingOptions extends PeerOptions {
  /** Enter namespace `/` before? Default true. */
  isConnected?: boolean | undefined;
}

/** Sends one forgery over a connection of its own, and leaves it open for the server to judge. */
export async function forgingPeer(url: string, forgery: Forgery, options: ForgingOptions = {}): Promise<WirePeer> {
  const { isConnected = true, ...peerOptions } = options;
  const peer = await (isConnected ? connectPeer(url, peerOptions) : unconnectedPeer(url, peerOptions));
  for (const part of forgery.parts) {
    if (typeof part === 'string') peer.wire.sendText(part);
    else if (forgery.layer === 'bytes') peer.wire.writeBytes(part);
    else peer.wire.sendBinary(part);
  }
  await peer.wire.flushed();
  const close = async () => {
    // A frame that never ends would swallow a proper close.
    peer.wire.drop();
    await peer.wire.closed;
  };
  return { wire: peer.wire, close };
}
