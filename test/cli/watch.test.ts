import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { expect, test } from 'vitest';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { nextEvent } from '../support/next-event.ts';
import { runCli, startCliServer } from '../support/run-cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SECRET = 'a-secret-for-tests-that-is-long-enough';

interface LogLine {
  level: number;
  msg: string;
  changed?: { key: string; from: unknown; to: unknown }[];
  renewed?: string[];
  needsRestart?: string[];
  reason?: string;
  file?: string;
}

/** A server that watches its file, with clients' tokens and what it logs about the file, one line after another. */
async function startWatching(name: string, text: string, files: Record<string, string> = {}) {
  const cwd = tempFolder();
  for (const [path, content] of Object.entries({ [name]: text, ...files })) await writeFile(join(cwd, path), content);
  const env = { RTSERVER_SECRET: SECRET };
  const { cli, url } = await startCliServer(['--watch'], { cwd, env });
  let seen = 0;
  return {
    ...{ cli, url },
    token: (userId: string) => jwt.sign({ sub: userId }, SECRET, { expiresIn: '1h' }),
    /** As editors do it: all of the new text at once. */
    async save(content: string, path = name) {
      await writeFile(join(cwd, `${path}.tmp`), content);
      await rename(join(cwd, `${path}.tmp`), join(cwd, path));
    },
    async nextNews(): Promise<LogLine> {
      const isNews = (line: string) => line.includes('"config.reload');
      await cli.waitForLine((line) => isNews(line) && cli.stdout.split('\n').filter(isNews).indexOf(line) >= seen);
      const lines = cli.stdout.split('\n').filter(isNews);
      return JSON.parse(lines[seen++] ?? '') as LogLine;
    },
  };
}

test('a new limit holds at once, and who is connected stays', async () => {
  const { url, token, save, nextNews } = await startWatching(
    'rtserver.config.yaml',
    'limits: { connectionsPerUser: 1 }\n',
  );
  const mine = token('42');
  const first = await connectClient(url, { token: mine });
  await expectRefusal(url, { token: mine });

  await save('limits: { connectionsPerUser: 2, roomsPerSocket: 1 }\n');
  expect(await nextNews()).toMatchObject({
    msg: 'config.reloaded',
    changed: [
      { key: 'limits.connectionsPerUser', from: 1, to: 2 },
      { key: 'limits.roomsPerSocket', from: 100, to: 1 },
    ],
    needsRestart: [],
  });
  const second = await connectClient(url, { token: mine });
  expect(second.ready.connectionsPerUser).toBe(2);
  expect(first.connected).toBe(true);
  expect(await first.emitWithAck('room:join', { room: 'a' })).toEqual({ ok: true, room: 'a' });
  expect(await first.emitWithAck('room:join', { room: 'b' })).toMatchObject({ error: { code: 'ROOM_LIMIT_EXCEEDED' } });

  await save('limits: { connectionsPerUser: 1 }\n');
  await nextNews();
  const refusal = await expectRefusal(url, { token: mine });
  expect(refusal.data).toMatchObject({ code: 'MAX_CONNECTIONS_EXCEEDED', limit: 1, current: 2 });
  expect([first.connected, second.connected]).toEqual([true, true]);
});

test('with replace-oldest, a lowered limit is kept by the next connection', async () => {
  const { url, token, save, nextNews } = await startWatching(
    'rtserver.config.yaml',
    'limits: { connectionsPerUser: 3 }\n',
  );
  const mine = token('42');
  const old = [await connectClient(url, { token: mine }), await connectClient(url, { token: mine })];
  const closings = old.map((socket) => nextEvent<{ code: string }>(socket, 'closing'));
  await save('limits: { connectionsPerUser: 1, onExceeded: replace-oldest }\n');
  await nextNews();
  await connectClient(url, { token: mine });
  expect((await Promise.all(closings)).map(({ code }) => code)).toEqual(['REPLACED', 'REPLACED']);
});

test('origins and the log level change; what needs a restart is said and stays', async () => {
  const { cli, url, token, save, nextNews } = await startWatching('rtserver.config.json', '{ "port": 4000 }');
  const mine = token('42');
  const from = (origin: string) => ({ token: mine, extraHeaders: { origin } });
  await expectRefusal(url, from('https://app.example'));

  await save(
    '{ "port": 4001, "path": "/live", "cors": { "origins": ["https://app.example"] }, "log": { "level": "warn" } }',
  );
  const news = await nextNews();
  expect(news.changed?.map(({ key }) => key).sort()).toEqual(['cors.origins', 'log.level']);
  // The port is a flag's, which wins before and after.
  expect(news.needsRestart).toEqual(['path']);
  await connectClient(url, from('https://app.example'));
  await expectRefusal(url, from('http://localhost:5000'));
  await cli.waitForLine('ORIGIN_NOT_ALLOWED');
  expect(cli.stdout.match(/connection\.accepted/g)).toBeNull();
});

test.each([
  [
    'rtserver.config.yaml',
    'limits: { connectionsPerUser: 1 }\n',
    'limits:\n  connectionsPerUser: [2\n',
    /line \d+, column \d+/,
  ],
  [
    'rtserver.config.yaml',
    '{}\n',
    'limits: { conectionsPerUser: 2 }\n',
    /limits\.conectionsPerUser is not a known key\. Did you mean "connectionsPerUser"\?/,
  ],
  [
    'rtserver.config.json',
    '{}',
    '{ "limits": { "connectionsPerUser": "many" } }',
    /limits\.connectionsPerUser .+ got "many"/,
  ],
  ['rtserver.config.json', '{}', '{\n  "limits": {\n    oops\n} }', /line 3/],
  ['rtserver.config.ts', 'export default {};', 'export default {\n  limits: {\n};', /rtserver\.config\.ts.*3:/s],
])('a broken %s keeps the old configuration and says where: %j, %j', async (name, good, broken, where) => {
  const { url, token, save, nextNews } = await startWatching(name, good);
  const client = await connectClient(url, { token: token('42') });
  await save(broken);
  const news = await nextNews();
  expect(news).toMatchObject({ msg: 'config.reload_failed', level: 40 });
  expect(`${news.file} ${news.reason}`).toMatch(where);
  expect((await connectClient(url, { token: token('43') })).ready.connectionsPerUser).toBe(good.includes('1') ? 1 : 3);

  await save(
    good.includes('export')
      ? 'export default { limits: { connectionsPerUser: 7 } };'
      : '{ "limits": { "connectionsPerUser": 7 } }',
  );
  expect(await nextNews()).toMatchObject({ msg: 'config.reloaded', changed: [{ to: 7 }] });
  expect(client.connected).toBe(true);
});

test('events and modules are taken up anew, from a file that the configuration imports', async () => {
  const module = (answer: number, more = '') => `
    import { defineEvents, defineModule } from 'rtserver';
    const any = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;
    export const events = defineEvents({ 'seven:said': any, ${more} });
    export const seven = defineModule({ name: 'seven', roomPrefix: 'seven/', handlers: { 'seven:ask': () => ({ answer: ${answer} }) } });
  `;
  const config = "import { events, seven } from './seven.ts';\nexport default { events, modules: [seven] };\n";
  const { url, token, save, nextNews } = await startWatching('rtserver.config.ts', config, { 'seven.ts': module(7) });
  const client = await connectClient(url, { token: token('42') });
  expect(await client.emitWithAck('seven:ask')).toEqual({ ok: true, answer: 7 });

  await save(module(8, "'eight:said': any"), 'seven.ts');
  expect(await nextNews()).toMatchObject({ changed: [], renewed: ['events', 'modules'], needsRestart: [] });
  expect(await client.emitWithAck('seven:ask')).toEqual({ ok: true, answer: 8 });
  const { stdout } = await runCli(['ls', 'events', '--url', url, '--json'], { env: { RTSERVER_SECRET: SECRET } });
  expect(stdout).toContain('eight:said');

  await save("import { events, seven } from './seven.ts';\nexport default { events, modules: [seven, seven] };\n");
  expect(await nextNews()).toMatchObject({ reason: expect.stringContaining('"seven:ask", which is handled already') });
  expect(await client.emitWithAck('seven:ask')).toEqual({ ok: true, answer: 8 });
});

test('without a file there is nothing to watch', async () => {
  const { code, stderr } = await runCli(['start', '--port', '0'], { env: { RTSERVER_WATCH: 'true' } });
  expect(code).toBe(2);
  expect(stderr).toContain('--watch needs a configuration file');
  expect(stderr).toContain('rtserver config init');
});

test('the variables of switches are yes or no', async () => {
  const { code, stderr } = await runCli(['start', '--port', '0'], { env: { RTSERVER_TUI: 'maybe' } });
  expect(code).toBe(2);
  expect(stderr).toContain('RTSERVER_TUI must be true or false, got "maybe"');
});

test('a file that is taken away changes nothing, and is told by what happened', async () => {
  const { cli, nextNews, save } = await startWatching('rtserver.config.yaml', 'limits: { connectionsPerUser: 1 }\n');
  await rename(join(cli.cwd, 'rtserver.config.yaml'), join(cli.cwd, 'away.yaml'));
  expect(await nextNews()).toMatchObject({
    msg: 'config.reload_failed',
    reason: 'the file is gone: the configuration stays as it was',
  });
  await save('limits: { connectionsPerUser: 2 }\n');
  expect(await nextNews()).toMatchObject({ msg: 'config.reloaded', changed: [{ from: 1, to: 2 }] });
});
