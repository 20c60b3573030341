import { connectPeer, type PeerOptions, type WirePeer } from './connected-peer.ts';

export interface FloodOptions extends PeerOptions {
  /** What is sent, again and again. Default: the event `ping`. */
  message?: string | undefined;
  /** How many in each turn of the event loop. Default 100. */
  burst?: number | undefined;
}

export interface FloodingPeer extends WirePeer {
  /** How many messages it has sent. */
  readonly sent: number;
  /** Stops flooding and stays. */
  stop(): void;
}

/** More than this unsent is memory of the test, not pressure on the server. */
const BUFFERED_MAX_BYTES = 1_000_000;

/** Connected, and sends events as fast as the server takes them, until it is stopped or put out. */
export async function floodingPeer(url: string, options: FloodOptions = {}): Promise<FloodingPeer> {
  const { message = '42["ping"]', burst = 100, ...peerOptions } = options;
  const { wire, close } = await connectPeer(url, peerOptions);
  let sent = 0;
  let isFlooding = true;
  const flood = () => {
    if (!isFlooding || wire.closing !== undefined) return;
    if (wire.bufferedBytes < BUFFERED_MAX_BYTES) {
      for (let count = 0; count < burst; count += 1) wire.sendText(message);
      sent += burst;
    }
    setImmediate(flood);
  };
  flood();
  const stop = () => {
    isFlooding = false;
  };
  return {
    wire,
    stop,
    get sent() {
      return sent;
    },
    close: () => {
      stop();
      return close();
    },
  };
}
