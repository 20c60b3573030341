import type { Socket } from 'socket.io-client';
import { isAckFailure } from '../contract/ack.ts';
import { RtError } from '../contract/errors.ts';
import { toRtError } from './to-rt-error.ts';

/** Events of a client that are answered with an acknowledgement. */
export interface Requests {
  /** Rejects with the `RtError` of a failed acknowledgement, or with `ACK_TIMEOUT`. */
  send<Result = unknown>(event: string, payload: unknown): Promise<Result>;
  close(): void;
}

export function createRequests(socket: Socket, timeoutMs: number): Requests {
  const open = new Set<(error: RtError) => void>();
  let isClosed = false;

  return {
    send<Result>(event: string, payload: unknown) {
      return new Promise<Result>((resolve, reject) => {
        if (isClosed) return reject(clientClosed());
        open.add(reject);
        socket.timeout(timeoutMs).emit(event, payload, (error: Error | null, answer: unknown) => {
          open.delete(reject);
          if (error) reject(noAnswer(event, error));
          else if (isAckFailure(answer)) reject(toRtError(answer.error));
          else resolve(answer as Result);
        });
      });
    },
    close() {
      isClosed = true;
      for (const reject of open) reject(clientClosed());
      open.clear();
    },
  };

  function noAnswer(event: string, cause: Error): RtError {
    return socket.connected
      ? new RtError('ACK_TIMEOUT', { reason: `"${event}" got no answer within ${timeoutMs} ms`, timeoutMs }, { cause })
      : new RtError(
          'SERVER_UNREACHABLE',
          { reason: `the connection was lost before "${event}" was answered` },
          { cause },
        );
  }
}

const clientClosed = () => new RtError('SERVER_UNREACHABLE', { reason: 'the client was closed' });
