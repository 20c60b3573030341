import { connectPeer, type PeerOptions, type WirePeer } from './connected-peer.ts';

export interface SlowReaderOptions extends PeerOptions {
  /** Reads for one turn of the event loop each so many milliseconds; without it, not at all until `resume`. */
  sipEveryMs?: number | undefined;
}

export interface SlowReader extends WirePeer {
  /** Reads like everybody else from now on; what was missed, and the end of the connection, come through then. */
  resume(): void;
}

/**
 * Connected, but (hardly) reads from its TCP connection. The kernels of both sides take some megabytes first: a server
 * notices such a reader only after that.
 */
export async function slowReaderPeer(url: string, options: SlowReaderOptions = {}): Promise<SlowReader> {
  const { sipEveryMs, ...peerOptions } = options;
  const { wire } = await connectPeer(url, peerOptions);
  wire.pause();
  let isSlow = true;
  const sip = () => {
    wire.resume();
    setImmediate(() => {
      if (isSlow) wire.pause();
    });
  };
  const sips = sipEveryMs === undefined ? undefined : setInterval(sip, sipEveryMs);
  const stop = () => {
    isSlow = false;
    clearInterval(sips);
  };
  const close = async () => {
    stop();
    // Its own close frame would wait behind everything that it has not read.
    wire.drop();
    wire.resume();
    await wire.closed;
  };
  const resume = () => {
    stop();
    wire.resume();
  };
  return { wire, resume, close };
}
