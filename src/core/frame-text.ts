const TEXT_FRAME = 0x81;
/** `4`, which is a message in Engine.IO. */
const MESSAGE = 0x34;
const SHORT_MAX = 125;
const MIDDLE_MAX = 0xffff;

/** A message of Engine.IO as one unmasked WebSocket frame, in one piece of memory. */
export function frameText(text: string): Buffer {
  const length = Buffer.byteLength(text) + 1;
  const start = length <= SHORT_MAX ? 2 : length <= MIDDLE_MAX ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = TEXT_FRAME;
  if (start === 2) {
    frame[1] = length;
  } else if (start === 4) {
    frame[1] = SHORT_MAX + 1;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = SHORT_MAX + 2;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame[start] = MESSAGE;
  frame.write(text, start + 1);
  return frame;
}
