import { RtError } from '../contract/errors.ts';

/**
 * Runs what encodes and sends a payload. What JSON cannot say throws there: a BigInt, a circle, a nesting without end.
 *
 * @throws RtError `PAYLOAD_INVALID`, or `ADAPTER_FAILED` where the payload is not to blame
 */
export function sendEncodable(payload: unknown, send: () => void): void {
  try {
    send();
  } catch (cause) {
    requireEncodable(payload);
    throw new RtError('ADAPTER_FAILED', {}, { cause });
  }
}

/** @throws RtError `PAYLOAD_INVALID` */
function requireEncodable(payload: unknown): void {
  try {
    JSON.stringify(payload);
  } catch (error) {
    // Only the engine's own words: a `toJSON` of the application may throw anything, the payload included.
    const isOwn = error instanceof TypeError || error instanceof RangeError;
    const why = isOwn ? `: ${error.message.split('\n', 1)[0]}` : '';
    throw new RtError('PAYLOAD_INVALID', { reason: `it cannot be sent as JSON${why}` });
  }
}
