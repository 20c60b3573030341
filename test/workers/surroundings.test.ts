import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attemptConnection, connectClient } from '../support/connect.ts';
import { isToolMissing, requireTool } from '../support/external-tool.ts';
import { startRedis } from '../support/redis.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { startWorkers, untilUpgraded } from './start-workers.ts';

const withinMs = 40_000;

describe.skipIf(isToolMissing('openssl'))('over TLS', () => {
  test.each([[['websocket']], [['polling']], [['polling', 'websocket']]])(
    'clients with %j are served',
    async (transports) => {
      const folder = tempFolder();
      const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
      const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
      const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject];
      execFileSync(requireTool('openssl'), [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
      const { url, token } = await startWorkers({ tls: { cert, key } });
      expect(url).toMatch(/^https:/);
      const sockets = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          connectClient(url, { token: token(`user-${at}`), transports, rejectUnauthorized: false, withinMs }),
        ),
      );
      if (transports.length > 1) await Promise.all(sockets.map(untilUpgraded));
      for (let round = 0; round < 3; round++) {
        const answers = await Promise.all(sockets.map((socket) => socket.timeout(withinMs).emitWithAck('ping')));
        for (const answer of answers) expect(answer).toMatchObject({ ok: true });
      }
    },
  );
});

describe.skipIf(isToolMissing('redis-server'))('on a Redis', () => {
  test('the workers of two servers are four nodes of one cluster', async () => {
    const { url } = await startRedis();
    const servers = await Promise.all([startWorkers({ redis: { url } }), startWorkers({ redis: { url } })]);
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, at) => {
        const server = servers[at % 2] as (typeof servers)[0];
        return attemptConnection(server.url, { token: server.token('42'), withinMs });
      }),
    );
    expect(outcomes.filter((outcome) => 'socket' in outcome)).toHaveLength(3);
    const stats = (await (await servers[0].request('/api/stats')).json()) as { cluster: { nodes: object[] } };
    expect(stats.cluster.nodes).toHaveLength(4);
    const emitted = await servers[1].request('/api/emit', { body: { event: 'note', payload: 1 } });
    expect(await emitted.json()).toEqual({ ok: true, recipients: 3 });
  });
});
