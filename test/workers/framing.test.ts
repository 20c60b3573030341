import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';
import { startWorkers } from './start-workers.ts';

const PATH = '/socket.io/?EIO=4&transport=polling';

const workerOf = (sid: string) => sid.split('-')[0];
const sidIn = (text: string) => /"sid":"([^"]+)"/.exec(text)?.[1] ?? '';

/** A TCP connection that a client writes HTTP on by hand. */
function openConnection(url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const connection = { text: '', write: (text: string) => void socket.write(text) };
  socket.setEncoding('utf8').on('data', (part: string) => {
    connection.text += part;
  });
  return connection;
}

test('what a client sends as the body of a poll is no request of its own at the worker of the session', async () => {
  const { url, token, adminToken, request } = await startWorkers();
  const connection = openConnection(url);
  connection.write(`GET ${PATH} HTTP/1.1\r\nHost: here\r\n\r\n`);
  await until(() => sidIn(connection.text) !== '');
  const session = await openElsewhere(url, workerOf(sidIn(connection.text)), token('42'));

  const emit = JSON.stringify({ event: 'smuggled', payload: 1 });
  const head = ['POST /api/emit HTTP/1.1', 'Host: here', `Authorization: Bearer ${adminToken}`];
  const type = ['Content-Type: application/json', `Content-Length: ${emit.length}`];
  const smuggled = [...head, ...type, '', emit].join('\r\n');
  const chunk = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;
  const poll = new URL(session);
  connection.write(
    `GET ${poll.pathname}${poll.search} HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`,
  );
  // Time for what is not to come: each of these takes the same way as it would.
  for (let round = 0; round < 20; round++) await request('/api/stats');
  await request('/api/emit', { body: { event: 'honest', payload: 1 } });
  await until(() => /"(honest|smuggled)"/.test(connection.text));
  expect(connection.text).not.toContain('smuggled');
});

/** A session, through its handshake, of any other worker; resolves to the address of its polls. */
async function openElsewhere(url: string, worker: string | undefined, token: string): Promise<string> {
  for (let attempt = 0; attempt < 10; attempt++) {
    // A connection each, or all would be of one worker.
    const opened = await fetch(`${url}${PATH}`, { headers: { connection: 'close' } });
    const sid = sidIn(await opened.text());
    if (workerOf(sid) === worker) continue;
    const session = `${url}${PATH}&sid=${sid}`;
    await fetch(session, { method: 'POST', body: `40${JSON.stringify({ token })}` });
    let text = '';
    while (!text.includes('"ready"')) text += await (await fetch(session)).text();
    return session;
  }
  throw new Error('ten sessions in a row were of one worker');
}
