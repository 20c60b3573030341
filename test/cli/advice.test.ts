import { expect, test } from 'vitest';
import { adviceFor } from '../../src/cli/advice.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { ERRORS, type ErrorCode } from '../../src/contract/errors.ts';
import { startServerForCommands } from './against-server.ts';
import { createFolder } from './place.ts';

test.for(Object.keys(ERRORS) as ErrorCode[])('there is something to do about %s', (code) => {
  const lines = adviceFor({ code, detail: {} });
  expect(lines).not.toEqual([]);
  const names = COMMANDS.map(({ name }) => name);
  for (const line of lines) {
    expect(line).toMatch(/^Next: \S.*\.$/);
    for (const [, name] of line.matchAll(/`rtserver ([a-z]+)/g)) expect(names).toContain(name);
  }
});

test('a name that is reserved is refused as such', async () => {
  const { run } = await startServerForCommands();
  for (const event of ['connect', 'ready']) {
    const { code, stderr } = await run(['emit', '--all', '--event', event]);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /^error: \w+ was not sent: This event name is reserved \(EVENT_RESERVED\)\nNext: choose another/,
    );
  }
});

test('a token that was taken for a session is told from one', async () => {
  const { run, token } = await startServerForCommands();
  for (const broken of ['sess_gone', token('ops', { claims: { scope: 'admin' } }).split('.')[0] ?? '']) {
    const { code, stderr } = await run(['ls', 'users', '--token', broken], { env: { RTSERVER_SECRET: '' } });
    expect(code).toBe(4);
    expect(stderr).toMatch(/SESSION_INVALID.*\n.*the whole token.*\n.*rtserver token --user ID.*--admin/);
  }
});

test('a state file that is broken is an error that says what to do, and what is lost by it', async () => {
  const { write, run } = createFolder();
  // Also a long path is there whole, since it is to be copied.
  const path = `${'deep/'.repeat(60)}state.json`;
  write(path, '{');
  const { code, stderr } = await run(['start', '--port', '0'], { env: { RTSERVER_STATE_FILE: path } });
  expect(code).toBe(2);
  expect(stderr).toMatch(/it is not the JSON that rtserver wrote/);
  expect(stderr).toMatch(
    /\nNext: .*mv '.*state\.json' '.*\/(?:deep\/){60}state\.json\.broken': sessions then end, .*revoked/,
  );
});
