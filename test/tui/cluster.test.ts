import { describe, expect, test } from 'vitest';
import { connectClient } from '../support/connect.ts';
import { isToolMissing } from '../support/external-tool.ts';
import { startRedis } from '../support/redis.ts';
import { startTwoNodes } from '../support/start-nodes.ts';
import { openCli } from '../support/terminal.ts';

/** Ann on the first of two nodes, Bob on the second, and somebody who looks at their sockets through the first. */
async function startWatched() {
  const [first, second] = await startTwoNodes(await startRedis());
  await connectClient(first.url, { token: first.token('ann') });
  const bob = await connectClient(second.url, { token: second.token('bob') });
  const args = ['top', '--view', 'sockets', '--sort', 'user', '--url', first.url, '--token', first.adminToken];
  return { first, second, bob, screen: await openCli(args, { columns: 160, rows: 24 }) };
}

/** The node that the row of a user names, as far as there is room for it. */
const nodeOf = (screen: string, user: string) => new RegExp(`^[› ] ${user} +- +…?(\\S+) `, 'm').exec(screen)?.[1];

describe.skipIf(isToolMissing('tmux') || isToolMissing('redis-server'))('top on a cluster, in a real terminal', () => {
  test('says where each socket is, and reaches those of the other node', async () => {
    const { bob, screen } = await startWatched();
    const text = await screen.waitFor(/of 2 nodes[\s\S]*NODE[\s\S]*› ann [\s\S]*bob /);
    const [ann, other] = [nodeOf(text, 'ann'), nodeOf(text, 'bob')];
    expect(ann).toBeDefined();
    expect(other).toBeDefined();
    expect(ann).not.toBe(other);
    expect(text.split('\n')[0]).toContain(ann);
    for (const node of [ann, other]) expect(text).toContain(`${node} 1 lag `);
    await screen.type('jx');
    await screen.waitFor(new RegExp(`Close the socket ${bob.ready.socketId}\\?`));
    await screen.press('y');
    await screen.waitFor((shown) => /closed 1 connection/.test(shown) && !/ bob /.test(shown));
    await screen.type('5\r');
    await screen.waitFor(/A closing: KICKED[\s\S]*user +bob/);
  });

  test('says which node does not answer, that it is back, and that it has died', async () => {
    const { second, screen } = await startWatched();
    const other = nodeOf(await screen.waitFor(/of 2 nodes[\s\S]*bob /), 'bob');
    second.cli.kill('SIGSTOP');
    await screen.waitFor((text) => text.includes(`${other} does not answer`) && !/ bob /.test(text));
    await screen.type(':emit all news');
    await screen.press('Enter');
    await screen.waitFor(/news reached 1; 1 node did not answer/);
    second.cli.kill('SIGCONT');
    await screen.waitFor((text) => text.includes(`${other} 1 lag`) && / bob /.test(text));
    await second.cli.stop('SIGKILL');
    const text = await screen.waitFor(/of 1 node /);
    expect(text).toMatch(new RegExp(`${other} gone \\d+s ago`));
    expect(text).not.toMatch(/ bob /);
    expect(text).toMatch(/● live/);
    await screen.press('q');
    expect(await screen.exitCode()).toBe(0);
  });
});
