import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openPage } from '../support/browser.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { cleanEnv } from '../support/run-cli.ts';
import { startServer } from '../support/start-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const PAGE = '<!doctype html><title>page</title><script type="module" src="/main.js"></script>';
const MAIN = `
  import { connect, RtError } from 'rtserver/client';
  window.tellStory = async ({ url, token, expired }) => {
    const client = connect(url, { token });
    const news = new Promise((resolve) => client.on('news', resolve));
    const { userId } = await client.ready;
    const joined = await client.joinProtocol(7);
    const refusal = await connect(url, { token: expired, reconnection: false }).ready.catch((error) => error);
    return { userId, joined, isError: refusal instanceof RtError, code: refusal.code, news: await news };
  };`;

/** What a bundler makes of a page that uses `rtserver/client`. */
async function buildPage(): Promise<{ html: string; script: string }> {
  const folder = tempFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/rtserver'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'main.js'), MAIN);
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build'], { cwd: folder, env: cleanEnv() });
  const assets = join(folder, 'dist/assets');
  const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
  expect(scripts).toHaveLength(1);
  return {
    html: readFileSync(join(folder, 'dist/index.html'), 'utf8'),
    script: readFileSync(join(assets, scripts[0] ?? ''), 'utf8'),
  };
}

test('the README gives the size that the client adds to a page', async () => {
  const { script } = await buildPage();
  const kilobytes = Math.round(gzipSync(script).byteLength / 1_000);
  const said = /adds (?<size>\d+) kB to a page/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.groups?.['size'];
  expect(said).toBe(String(kilobytes));
});

describe.skipIf(isToolMissing('chromium'))('in Chromium', () => {
  test('a bundled `rtserver/client` connects, joins, receives, and turns a refusal into an error with a code', async () => {
    const { html, script } = await buildPage();
    const pages = createServer(({ url }, response) => {
      const isScript = url?.endsWith('.js');
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html').end(isScript ? script : html);
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void pages.close());
    const { server, url, token } = await startServer();
    const page = await openPage();
    await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
    server.io.on('connection', (socket) => {
      // After `ready`, by when the page listens.
      socket.on('protocol:join', () => server.emitter.emit('news' as never, { n: 1 } as never, { users: ['42'] }));
    });
    const story = await page.evaluate(
      (given) => (globalThis as unknown as { tellStory(given: object): Promise<unknown> }).tellStory(given),
      { url, token: token('42'), expired: token('42', { expiresInMs: -60_000 }) },
    );
    expect(story).toMatchObject({
      userId: '42',
      joined: { room: 'protocol:7' },
      isError: true,
      code: 'TOKEN_EXPIRED',
      news: { n: 1 },
    });
  });
});
