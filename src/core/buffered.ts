import type { RtSocket } from './connection.ts';

/**
 * Bytes written to a socket that its client has not taken yet: in the WebSocket's own buffer, of which what went past Node's
 * streams is only known to the system, and queued before it.
 */
export function bufferedBytes({ conn }: Pick<RtSocket, 'conn'>): number {
  const { transport, writeBuffer } = conn as unknown as EngineInternals;
  const { bufferedAmount = 0, _socket: tcp } = transport.socket ?? {};
  let bytes = Math.max(bufferedAmount, tcp?._handle?.writeQueueSize ?? 0);
  for (const { data, options } of writeBuffer ?? []) {
    bytes += data?.length ?? options?.wsPreEncodedFrame?.reduce((sum, part) => sum + part.length, 0) ?? 0;
  }
  return bytes;
}

/** What engine.io's socket holds beside its public interface; what is absent counts as nothing waiting. */
interface EngineInternals {
  transport: { socket?: { bufferedAmount?: number; _socket?: { _handle?: { writeQueueSize?: number } | null } } };
  writeBuffer?: readonly {
    data?: { length: number };
    options?: { wsPreEncodedFrame?: readonly { length: number }[] };
  }[];
}
