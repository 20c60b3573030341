import { formatDuration } from '../contract/units.ts';
import { DEFAULT_TIMEOUT_MS, Deferred } from './deferred.ts';
import { WireError } from './errors.ts';
import type { PollingTransport } from './polling-transport.ts';
import type { EnginePacket, TransportOwner } from './transport.ts';
import { WebSocketTransport } from './websocket-transport.ts';
import type { WireOptions } from './wire-options.ts';

/**
 * Opens a WebSocket for a session that polls, and switches when the server has answered the probe over it and no
 * request of the polling is under way.
 *
 * @param signal says that the session ends meanwhile
 */
export async function upgradeToWebSocket(
  url: URL,
  options: WireOptions,
  polling: PollingTransport,
  owner: TransportOwner,
  signal: AbortSignal,
): Promise<WebSocketTransport> {
  const probe = new Probe(options.timeoutMs);
  const socket = new WebSocketTransport(url, options, probe);
  probe.socket = socket;
  const abandon = () => {
    probe.lose(abandoned());
    socket.drop(true);
  };
  signal.addEventListener('abort', abandon);
  try {
    await probe.answered.promise;
    polling.pause();
    await polling.idle();
    // It may have gone while the last request was under way, and nobody would ever hear of it.
    if (probe.lost !== undefined) throw probe.lost;
  } catch (error) {
    socket.drop(true);
    polling.resume();
    throw error;
  } finally {
    signal.removeEventListener('abort', abandon);
  }
  socket.owner = owner;
  socket.send('5');
  polling.release();
  return socket;
}

/** The error for an upgrade whose session ends before it is done. */
export function abandoned(): WireError {
  return new WireError('closed', 'The connection ended during the upgrade to a WebSocket');
}

class Probe implements TransportOwner {
  socket!: WebSocketTransport;
  /** Why it is gone, if it is. */
  lost: WireError | undefined;
  readonly answered: Deferred<void>;

  constructor(timeoutMs = DEFAULT_TIMEOUT_MS) {
    this.answered = new Deferred(timeoutMs, () => {
      const waited = `Waited ${formatDuration(timeoutMs)}`;
      return new WireError('timeout', `${waited} for the server to answer the upgrade to a WebSocket`);
    });
  }

  onUp(): void {
    this.socket.send('2probe');
  }

  onPacket(packet: EnginePacket): void {
    if (packet.type === 'pong' && packet.data === 'probe') this.answered.resolve();
  }

  onFail(error: WireError): void {
    this.answered.reject(error);
  }

  onDown(code: number): void {
    this.lose(new WireError('closed', `The server closed the WebSocket (${code}) during the upgrade`));
  }

  lose(error: WireError): void {
    this.lost ??= error;
    this.answered.reject(error);
  }
}
