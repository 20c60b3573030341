import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startCli } from '../support/run-cli.ts';

const LIBRARY = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

/** A server that was scraped, closed and let go of; then another. */
const PROGRAM = `
const { createRealtimeServer } = await import(${JSON.stringify(LIBRARY)});
async function serve() {
  const server = await createRealtimeServer({ port: 0, auth: { secret: 'x'.repeat(32) }, log: { level: 'silent' } });
  const text = await (await fetch(server.url + '/metrics')).text();
  await server.close();
  return { io: new WeakRef(server.io), text };
}
const first = await serve();
for (let turn = 0; turn < 50 && first.io.deref() !== undefined; turn++) {
  // What was looked at is held until the turn is over.
  await new Promise((resolve) => setTimeout(resolve, 20));
  gc();
}
const second = await serve();
const namesOf = ({ text }) => text.match(/^# TYPE .*$/gm).sort();
console.log(JSON.stringify({ isGone: first.io.deref() === undefined, names: [namesOf(first), namesOf(second)] }));
`;

test('a server that was closed is let go of, metrics and all, and the next one has the same metrics', async () => {
  const node = startCli([], { nodeArgs: ['--expose-gc', '--input-type=module', '--eval', PROGRAM] });
  const { isGone, names } = JSON.parse(await node.waitForLine(/./, { withinMs: 20_000 })) as {
    isGone: boolean;
    names: string[][];
  };
  expect(isGone).toBe(true);
  expect(names[0]).toContain('# TYPE process_cpu_seconds_total counter');
  expect(names[1]).toEqual(names[0]);
});
