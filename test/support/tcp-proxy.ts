import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A network between two programs that can be made worse. Closed with the test. */
export interface TcpProxy {
  port: number;
  /** Ends all connections, and takes no more. */
  cut(): void;
  /** Connections stay, and are taken, but nothing goes through them. */
  stall(): void;
  /** Everything goes through after so many milliseconds each way; 0 at once. Also ends `cut` and `stall`. */
  delay(ms: number): void;
  /** Resolves when a text has set out to the target, all of it in one chunk. */
  sent(text: string): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: 'open' | 'cut' | 'stalled' = 'open';
  let delayMs = 0;
  const awaited = new Map<string, () => void>();

  function pump(from: Socket, to: Socket): void {
    from.on('error', () => {}).on('close', () => to.destroy());
    from.on('data', (chunk) => {
      if (delayMs === 0) to.write(chunk);
      else setTimeout(() => to.write(chunk), delayMs);
    });
    if (state === 'stalled') from.pause();
  }

  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    const pair = [client, target] as const;
    pairs.add(pair);
    client.once('close', () => pairs.delete(pair));
    client.on('data', (chunk) => {
      for (const [text, resolve] of awaited) if (chunk.includes(text)) resolve();
    });
    pump(client, target);
    pump(target, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  function end(): void {
    for (const socket of [...pairs].flat()) socket.destroy();
  }

  onTestFinished(() => {
    server.close();
    end();
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut';
      end();
    },
    stall() {
      state = 'stalled';
      for (const socket of [...pairs].flat()) socket.pause();
    },
    sent: (text) => new Promise((resolve) => awaited.set(text, resolve)),
    delay(ms) {
      state = 'open';
      delayMs = ms;
      for (const socket of [...pairs].flat()) socket.resume();
    },
  };
}
