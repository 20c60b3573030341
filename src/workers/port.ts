import { type AddressInfo, createServer, type Socket } from 'node:net';

/** The one port of all workers. */
export interface Port {
  readonly number: number;
  /** Gives a connection to a worker, as soon as there is one. */
  offer(socket: Socket): void;
  /** There is somebody again who takes connections. */
  offerWaiting(): void;
  close(): void;
}

/** Connections that nobody takes yet; more of them are turned away. */
const WAITING_MAX = 512;

/**
 * Listens. Nothing is read here, so that a connection is handed on as the client began it.
 *
 * @param give hands a connection to a worker; says whether there is one
 */
export async function openPort(port: number, host: string, give: (socket: Socket) => boolean): Promise<Port> {
  const waiting = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) => {
    // It may be reset while it is on its way to a worker.
    socket.on('error', () => {});
    offer(socket);
  });

  function offer(socket: Socket): void {
    if (give(socket)) return;
    if (waiting.size < WAITING_MAX && server.listening) waiting.add(socket);
    else socket.destroy();
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host.replace(/^\[|\]$/g, ''), () => {
      server.off('error', reject);
      resolve();
    });
  });

  return {
    number: (server.address() as AddressInfo).port,
    offer,
    offerWaiting() {
      for (const socket of waiting) if (give(socket)) waiting.delete(socket);
    },
    close() {
      server.close();
      for (const socket of waiting) socket.destroy();
      waiting.clear();
    },
  };
}
