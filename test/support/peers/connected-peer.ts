import { openWire } from '../../../src/wire/open-wire.ts';
import type { Wire } from '../../../src/wire/wire.ts';
import type { WireOptions } from '../../../src/wire/wire-options.ts';

/** A peer that misbehaves, and can be put away. `close` is safe twice and does not fail on one that is gone. */
export interface Peer {
  close(): Promise<void>;
}

export interface WirePeer extends Peer {
  wire: Wire;
}

export interface PeerOptions extends WireOptions {
  auth?: object | undefined;
}

/** Opens a wire and enters namespace `/`; where a peer is refused, that is a mistake of the test. */
export async function connectPeer(url: string, { auth, ...options }: PeerOptions = {}): Promise<WirePeer> {
  const wire = await openWire(url, options);
  const answer = await wire.connect({ auth });
  if (!answer.ok) throw new Error(`the peer was refused: ${answer.message} ${JSON.stringify(answer.data)}`);
  return { wire, close: () => wire.close() };
}
