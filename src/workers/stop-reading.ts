import type { Socket } from 'node:net';

/**
 * Makes a socket ready to go over to another process. Node itself reads on until that one has said that it has it: what the
 * client sent meanwhile would be lost.
 *
 * @returns whether that could be done: Node keeps the way to it to itself
 */
export function stopReading(socket: Socket): boolean {
  const { _handle: handle } = socket as { _handle?: { readStop?(): unknown } | null };
  if (typeof handle?.readStop !== 'function') return false;
  handle.readStop();
  return true;
}
