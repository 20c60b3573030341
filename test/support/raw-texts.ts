import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { until } from './until.ts';

/** A client that sees the packets as they come: events, acknowledgements and goodbyes in one list. */
export interface RawTexts {
  /** Packets of Socket.IO, without the `4` of Engine.IO; binary attachments by their length. */
  readonly texts: string[];
  /** How many times something was read from the TCP connection. */
  reads: number;
  /** How many bytes that were. */
  bytes: number;
  readonly isClosed: boolean;
  send(packet: string): void;
  pause(): void;
  resume(): void;
  /** Breaks the connection. */
  terminate(): void;
  /** Waits for a packet that contains `part`. */
  sees(part: string): Promise<unknown>;
}

/** Connects by WebSocket and resolves when `ready` is there; closed with the test. */
export async function connectRaw(url: string, token: string): Promise<RawTexts> {
  const texts: string[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    rejectUnauthorized: false,
  });
  onTestFinished(() => socket.terminate());
  const client: RawTexts = {
    texts,
    reads: 0,
    bytes: 0,
    get isClosed() {
      return socket.readyState === WebSocket.CLOSED;
    },
    send: (packet) => socket.send(`4${packet}`),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    terminate: () => socket.terminate(),
    sees: (part) =>
      until(() => texts.some((text) => text.includes(part)), { what: `${part} in ${JSON.stringify(texts.slice(-9))}` }),
  };
  socket.on('upgrade', (answer) => {
    // Once ws reads itself: a listener before it would take what comes first.
    socket.once('open', () => {
      answer.socket.on('data', (chunk: Buffer) => {
        client.reads += 1;
        client.bytes += chunk.length;
      });
    });
  });
  socket.on('error', () => {});
  socket.on('message', (data: Buffer, isBinary) => {
    const text = data.toString();
    if (isBinary) texts.push(`${data.length} bytes`);
    else if (text === '2') socket.send('3');
    else if (text.startsWith('0')) client.send(`0${JSON.stringify({ token })}`);
    else texts.push(text.slice(1));
  });
  await client.sees('"ready"');
  texts.length = 0;
  return client;
}
