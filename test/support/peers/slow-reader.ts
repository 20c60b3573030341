import { connectPeer, type PeerOptions, type WirePeer } from './connected-peer.ts';

export interface SlowReader extends WirePeer {
  /**
   * Reads until the next event has come: with what came with it, a hundred kilobytes or so. By the pace of whoever sends, not
   * by the clock: on a slow machine nobody sends fast.
   */
  sip(): void;
  /** Reads like everybody else from now on; what was missed, and the end of the connection, come through then. */
  resume(): void;
}

/**
 * Connected, but (hardly) reads from its TCP connection. The kernels of both sides take some megabytes first: a server
 * notices such a reader only after that.
 */
export async function slowReaderPeer(url: string, options: PeerOptions = {}): Promise<SlowReader> {
  const { wire } = await connectPeer(url, options);
  wire.pause();
  let isSlow = true;
  wire.onEvent(() => {
    if (isSlow) wire.pause();
  });
  const close = async () => {
    isSlow = false;
    // Its own close frame would wait behind everything that it has not read.
    wire.drop();
    wire.resume();
    await wire.closed;
  };
  const resume = () => {
    isSlow = false;
    wire.resume();
  };
  return { wire, sip: () => wire.resume(), resume, close };
}
