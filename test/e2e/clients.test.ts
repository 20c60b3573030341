import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { openPage } from '../support/browser.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { nextEvent } from '../support/next-event.ts';
import { type StartedServer, startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

/** What one client, of whichever kind, met: it joined, received one event, and a second user's attempt was refused. */
interface Story {
  ready: { userId: string; rooms: string[] };
  joined: unknown;
  received: unknown;
  refusal: { message: string; code: string };
}

const EXPECTED: Story = {
  ready: expect.objectContaining({ userId: '42', rooms: ['user:42'], connectionsPerUser: 3 }),
  joined: { ok: true, room: 'protocol:7' },
  received: { version: 3 },
  refusal: { message: 'Token expired', code: 'TOKEN_EXPIRED' },
};

type Server = StartedServer<never>;
const emitWhenJoined = async ({ server, request }: Server) => {
  await until(
    async () => ((await (await request('/api/sockets?room=protocol:7')).json()) as { items: [] }).items.length,
  );
  server.emitter.emit('protocol:updated' as never, { version: 3 } as never, { rooms: ['protocol:7'] });
};

describe('connects, joins, receives and is refused as the contract says', () => {
  test('a stock socket.io-client', async () => {
    const started = (await startServer()) as Server;
    const socket = await connectClient(started.url, { token: started.token('42') });
    const joined = await socket.emitWithAck('protocol:join', { protocolId: 7 });
    await emitWhenJoined(started);
    const received = await nextEvent(socket, 'protocol:updated');
    const { message, data } = await expectRefusal(started.url, {
      token: started.token('42', { expiresInMs: -60_000 }),
    });
    expect({ ready: socket.ready, joined, received, refusal: { message, code: data.code } }).toEqual(EXPECTED);
  });

  test('a raw WebSocket that speaks the protocol by hand', async () => {
    const started = (await startServer()) as Server;
    const good = openRaw(started.url);
    expect(await good.next(/^0\{/)).toMatchObject({ pingInterval: 25_000, maxPayload: 100_000 });
    good.send(`40${JSON.stringify({ token: started.token('42') })}`);
    await good.next(/^40\{/);
    const [, ready] = (await good.next(/^42\["ready"/)) as [string, Story['ready']];
    good.send('421["protocol:join",{"protocolId":7}]');
    const [joined] = (await good.next(/^431\[/)) as [unknown];
    await emitWhenJoined(started);
    const [, received] = (await good.next(/^42\["protocol:updated"/)) as [string, unknown];
    const bad = openRaw(started.url);
    await bad.next(/^0\{/);
    bad.send(`40${JSON.stringify({ token: started.token('42', { expiresInMs: -60_000 }) })}`);
    const { message, data } = (await bad.next(/^44\{/)) as { message: string; data: { code: string } };
    expect({ ready, joined, received, refusal: { message, code: data.code } }).toEqual(EXPECTED);
  });

  describe.skipIf(isToolMissing('chromium'))('a page in Chromium', () => {
    test('of an allowed origin', async () => {
      const started = (await startServer()) as Server;
      const page = await openPage();
      await page.goto(await servePage(started.url));
      const story = page.evaluate(tellStory, {
        url: started.url,
        token: started.token('42'),
        expired: started.token('42', { expiresInMs: -60_000 }),
      });
      await emitWhenJoined(started);
      expect(await story).toEqual(EXPECTED);
    });

    test('of another origin is let in by neither transport', async () => {
      const started = (await startServer({ cors: { origins: ['https://app.example'] } })) as Server;
      const page = await openPage();
      await page.goto(await servePage(started.url));
      const token = started.token('42');
      const outcomes = await page.evaluate(tryTransports, { url: started.url, token });
      expect(outcomes).toEqual(['websocket error', 'xhr poll error']);
      const { items } = (await (await started.request('/api/refusals')).json()) as { items: { code: string }[] };
      expect(items.map(({ code }) => code)).toContain('ORIGIN_NOT_ALLOWED');
    });
  });
});

/** A page of an origin of its own, with the client that the server serves. */
async function servePage(url: string): Promise<string> {
  const html = `<!doctype html><script src="${url}/socket.io/socket.io.js"></script>`;
  const server = createServer((_request, response) => void response.setHeader('content-type', 'text/html').end(html));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

interface PageSocket {
  on(event: string, listener: (value: never) => void): void;
  emitWithAck(event: string, payload: unknown): Promise<unknown>;
}
type PageIo = (url: string, options: object) => PageSocket;

/** Runs in the page. */
async function tellStory({ url, token, expired }: { url: string; token: string; expired: string }): Promise<Story> {
  const { io } = globalThis as unknown as { io: PageIo };
  const socket = io(url, { auth: { token }, forceNew: true, reconnection: false });
  const received = new Promise((resolve) => socket.on('protocol:updated', resolve));
  const ready = await new Promise<Story['ready']>((resolve) => socket.on('ready', resolve));
  const joined = await socket.emitWithAck('protocol:join', { protocolId: 7 });
  const stranger = io(url, { auth: { token: expired }, forceNew: true, reconnection: false });
  const error = await new Promise<{ message: string; data: { code: string } }>((resolve) =>
    stranger.on('connect_error', resolve),
  );
  const refusal = { message: error.message, code: error.data.code };
  return { ready, joined, received: await received, refusal };
}

/** Runs in the page. */
async function tryTransports({ url, token }: { url: string; token: string }): Promise<string[]> {
  const { io } = globalThis as unknown as { io: PageIo };
  const outcomes: string[] = [];
  for (const transport of ['websocket', 'polling']) {
    const socket = io(url, { auth: { token }, transports: [transport], forceNew: true, reconnection: false });
    outcomes.push(
      await new Promise<string>((resolve) => {
        socket.on('connect', () => resolve('connected'));
        socket.on('connect_error', ({ message }: Error) => resolve(message));
      }),
    );
  }
  return outcomes;
}

/** The packets of one WebSocket, in order; `next` resolves to the JSON behind the prefix of the first that matches. */
function openRaw(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  onTestFinished(() => socket.terminate());
  const packets: string[] = [];
  socket.on('message', (data) => packets.push(String(data)));
  return {
    send: (packet: string) => socket.send(packet),
    async next(pattern: RegExp): Promise<unknown> {
      const packet = await until(() => packets.find((each) => pattern.test(each)), { what: String(pattern) });
      return JSON.parse(packet.replace(/^\d+/, ''));
    },
  };
}
