import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DEFAULT_PATH } from '../contract/server-url.ts';
import type { Subject } from './subject.ts';

/** Bare Socket.IO that does the least that is measured: the difference to it is what everything else costs. */
const SOURCE = `
import { createServer } from 'node:http';
import { Server } from 'socket.io';
const http = createServer();
const io = new Server(http);
io.on('connection', (socket) => {
  socket.on('ping', (...args) => args.at(-1)({ ok: true, serverTime: Date.now() }));
  socket.on('room:join', ({ room }, ack) => { socket.join(room); ack({ ok: true, room }); });
});
process.on('message', (events) => {
  for (const { event, payload } of events) io.to('bench').emit(event, payload);
  process.send('sent');
});
process.on('disconnect', () => { io.close(); });
http.listen(0, '127.0.0.1', () => process.send({ port: http.address().port }));
`;

/** A package's folder, where `socket.io` is found. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export async function startControl(): Promise<{ subject: Subject; close(): Promise<void> }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SOURCE], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const { port } = (await nextMessage(child)) as { port: number };
  const subject: Subject = {
    name: 'socket.io',
    url: `http://127.0.0.1:${port}`,
    path: DEFAULT_PATH,
    authOf: () => undefined,
    async publish(events) {
      const sent = nextMessage(child);
      child.send([...events]);
      await sent;
    },
    eventsPerSecond: Number.POSITIVE_INFINITY,
    connectionsPerUser: Number.POSITIVE_INFINITY,
  };
  return {
    subject,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** Rejects when the process ends instead. */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  const died = once(child, 'exit', { signal }).then(([code, name]) => {
    throw new Error(`the control ended with ${code ?? name}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), died]);
    return message;
  } finally {
    settled.abort();
  }
}
