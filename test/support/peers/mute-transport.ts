import { connectPeer, type PeerOptions, type WirePeer } from './connected-peer.ts';

/** Connected, but never answers the heartbeat of the transport; events it sends and receives as usual. */
export function muteTransportPeer(url: string, options: PeerOptions = {}): Promise<WirePeer> {
  return connectPeer(url, { ...options, pong: 'never' });
}
