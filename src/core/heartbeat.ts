export interface Heartbeats<Peer> {
  /** A peer is there, or has given a sign of life. */
  beat(peer: Peer): void;
  /** A peer is gone. */
  drop(peer: Peer): void;
  close(): void;
}

/** Later than a busy event loop is. */
const LATE_MS = 250;
const CATCH_UP_MS = 1_000;

/**
 * Tells which peers were silent for too long. One timer and one ordered map serve all of them: a beat moves its peer to the
 * end, so that those which are due stand at the front.
 *
 * @param onSilent called once for a peer whose last beat is `timeoutMs` ago; the peer is then forgotten
 * @param now a clock in milliseconds that only moves forward: a corrected system time must end nobody
 */
export function createHeartbeats<Peer>(
  timeoutMs: number,
  onSilent: (peer: Peer) => void,
  now: () => number = () => performance.now(),
): Heartbeats<Peer> {
  const lastBeats = new Map<Peer, number>();
  let timer: NodeJS.Timeout | undefined;

  function sweep(): void {
    timer = undefined;
    const deadline = now() - timeoutMs;
    for (const [peer, lastBeat] of lastBeats) {
      if (lastBeat > deadline) break;
      lastBeats.delete(peer);
      onSilent(peer);
    }
    schedule();
  }

  /** Wakes when the oldest beat is due. Its peer may beat again meanwhile: then the sweep finds nothing and goes on. */
  function schedule(): void {
    if (timer !== undefined) return;
    for (const lastBeat of lastBeats.values()) {
      wakeAt(lastBeat + timeoutMs);
      return;
    }
  }

  /**
   * A timer that is late means that the process itself stood still, while the beats of everybody wait unread in their
   * sockets: they are read first. Otherwise the beats of this very moment are, which takes one turn of the event loop.
   */
  function wakeAt(at: number): void {
    const onTime = () => {
      if (now() - at > LATE_MS) wakeAt(now() + Math.min(CATCH_UP_MS, timeoutMs));
      else setImmediate(sweep);
    };
    timer = setTimeout(onTime, Math.max(1, Math.ceil(at - now())));
    timer.unref();
  }

  return {
    beat(peer) {
      lastBeats.delete(peer);
      lastBeats.set(peer, now());
      schedule();
    },
    drop: (peer) => void lastBeats.delete(peer),
    close() {
      clearTimeout(timer);
      lastBeats.clear();
    },
  };
}
