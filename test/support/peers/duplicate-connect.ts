import { openWire } from '../../../src/wire/open-wire.ts';
import type { PeerOptions, WirePeer } from './connected-peer.ts';

export interface DuplicateConnectPeer extends WirePeer {
  /** How many times the server answered that it let the peer in. */
  readonly admissions: number;
}

/** Sends CONNECT for namespace `/` several times in one breath, before the server can have answered the first. */
export async function duplicateConnectPeer(
  url: string,
  { auth = {}, times = 5, ...options }: PeerOptions & { times?: number } = {},
): Promise<DuplicateConnectPeer> {
  const wire = await openWire(url, options);
  let admissions = 0;
  wire.tap = ({ data }) => {
    if (typeof data === 'string' && data.startsWith('0')) admissions += 1;
  };
  for (let count = 0; count < times; count += 1) wire.sendText(`40${JSON.stringify(auth)}`);
  await wire.flushed();
  return {
    wire,
    get admissions() {
      return admissions;
    },
    close: () => wire.close(),
  };
}
