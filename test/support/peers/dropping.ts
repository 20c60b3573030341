import { openWire } from '../../../src/wire/open-wire.ts';
import { PacketType } from '../../../src/wire/packets.ts';
import type { PeerOptions } from './connected-peer.ts';
import { halfRequestPeer, requestPeer, tcpPeer } from './half-open.ts';

/** The moments of a handshake at which a client can vanish, in their order. */
export const DROP_STEPS = [
  'after the TCP connection',
  'within the request',
  'after the request is written',
  'after the open packet',
  'after CONNECT is written',
  'after the answer to CONNECT',
  'after ready',
] as const;

export type DropStep = (typeof DROP_STEPS)[number];

export interface DropOptions extends PeerOptions {
  /** Vanish with a TCP reset (default), or with an end of the stream. */
  reset?: boolean | undefined;
}

/** Goes as far as `step` and vanishes without a word; resolves when it is gone on its own side. */
export async function dropAt(url: string, step: DropStep, options: DropOptions = {}): Promise<void> {
  const { auth = {}, reset = true, ...wireOptions } = options;
  if (step === 'after the TCP connection') return (await tcpPeer(url)).close();
  if (step === 'within the request') return (await halfRequestPeer(url)).close();
  if (step === 'after the request is written') return (await requestPeer(url)).close();
  const wire = await openWire(url, wireOptions);
  if (step === 'after CONNECT is written') {
    wire.sendPacket({ type: PacketType.CONNECT, nsp: '/', data: auth });
    await wire.flushed();
  } else if (step !== 'after the open packet') {
    const answer = await wire.connect({ auth });
    if (answer.ok && step === 'after ready') await wire.next('ready');
  }
  wire.drop({ reset });
  await wire.closed;
}
