import { expect, test } from 'vitest';
import { startServerForCommands } from './against-server.ts';
import { runMain } from './run-main.ts';

const LONG = 'x'.repeat(20_000);

test.for([
  `join ${LONG} --user 42`,
  `join --user ${LONG}`,
  `join --user=${LONG}`,
  `emit --all --event a --socket ${LONG} extra more`,
  `emit --event ${LONG}`,
  `emit --all ${LONG}`,
  `emit --all --event a --payload ${LONG}`,
  `ls ${LONG}`,
  `ls sockets --room ${LONG}`,
  `ls sockets --url ${LONG}`,
  `kick --user ${LONG}`,
  `token --user ${LONG}`,
  `token --user 42 --expires-in ${LONG}`,
  `top --once --filter ${LONG}:a`,
  `top --once --sort ${LONG}`,
  `load ${LONG}`,
  `load limits --report ${LONG}`,
  `check --only ${LONG}`,
  `check --report ${LONG}`,
  LONG,
  `ls --${LONG}`,
  `help ${LONG}`,
])('a word that fills the screen is repeated by its beginning alone: %#', async (words) => {
  const { code, stderr } = await runMain(words.split(' '), { env: { RTSERVER_URL: 'http://127.0.0.1:9' } });
  expect([2, 3]).toContain(code);
  expect(stderr.length).toBeLessThan(1_000);
});

test('so is one that the server has heard', async () => {
  const { run } = await startServerForCommands();
  for (const words of [`emit --all --event ${LONG}`, `ls rooms --prefix ${LONG}`, `kick --socket ${LONG}`]) {
    const { stdout, stderr } = await run(words.split(' '));
    expect((stdout + stderr).length, words.slice(0, 20)).toBeLessThan(500);
    expect(stderr, words.slice(0, 20)).not.toContain('not as an rtserver');
  }
});

test('whoever runs it through npx is told commands that begin so', async () => {
  const through = { npm_lifecycle_event: 'npx', npm_lifecycle_script: "'rtserver'" };
  const { stderr } = await runMain(['join', 'lobby'], { env: through });
  expect(stderr).toContain('Next: npx rtserver join protocol:7 --user 42\n');
  const { stdout } = await runMain(['join', '--help'], { env: through });
  expect(stdout).toMatch(/^Usage: npx rtserver join /);
  // What another program that was run through npx has started was typed without it.
  const other = await runMain(['join', 'lobby'], { env: { ...through, npm_lifecycle_script: 'vitest run' } });
  expect(other.stderr).toContain('Next: rtserver join protocol:7 --user 42\n');
});
