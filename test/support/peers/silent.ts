import { connectPeer, type PeerOptions, type WirePeer } from './connected-peer.ts';

/** Connected, and mute from then on: it never sends the heartbeat `ping`, though its transport answers. */
export function silentPeer(url: string, options: PeerOptions = {}): Promise<WirePeer> {
  return connectPeer(url, options);
}
