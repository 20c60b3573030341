import { expect, test } from 'vitest';
import type { Stats } from '../../src/contract/stats.ts';
import { connectClient, expectRefusal } from '../support/connect.ts';
import { startServer } from '../support/start-server.ts';
import { until } from '../support/until.ts';

/** The same story for both: three came, one was refused, one kicked, one left; events went to and fro. */
async function startStory() {
  const started = await startServer({ limits: { connections: 50, onExceeded: 'replace-oldest' } });
  const { server, url, token } = started;
  const stays = await connectClient(url, { token: token('ann') });
  const kicked = await connectClient(url, { token: token('bob') });
  const leaves = await connectClient(url, { token: token('cid') });
  await expectRefusal(url);
  await stays.emitWithAck('room:join', { room: 'red' });
  await stays.emitWithAck('ping');
  server.emitter.emit('note', 1);
  server.emitter.emit('note', 1, { users: ['ann'] });
  server.emitter.emit('connect', 1);
  server.users.kick('bob');
  await until(() => kicked.disconnected);
  leaves.disconnect();
  await until(() => !server.users.isOnline('cid'));
  return started;
}

test('GET /api/stats tells totals, rates, limits and the process', async () => {
  const { request } = await startStory();
  const stats = (await (await request('/api/stats')).json()) as Stats;
  expect(stats).toMatchObject({
    node: expect.any(String),
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    connections: 1,
    users: 1,
    rooms: 2,
    slots: 1,
    totals: {
      accepted: 3,
      refused: 1,
      closed: 2,
      eventsEmitted: 2,
      deliveries: 4,
      eventsReceived: 2,
      emitFailures: 1,
      heartbeatTimeouts: 0,
      refusedByCode: { UNAUTHENTICATED: 1 },
      closedByCode: { KICKED: 1, CLIENT_CLOSED: 1 },
    },
    limits: {
      connectionsPerUser: 3,
      onExceeded: 'replace-oldest',
      connections: 50,
      roomsPerSocket: 100,
      eventsPerSecond: 100,
      heartbeatTimeoutMs: 60_000,
      heartbeatSource: 'ping',
    },
    process: { pid: process.pid, rssBytes: expect.any(Number) },
  });
  for (const rate of Object.values(stats.rates)) expect(rate).toBeGreaterThanOrEqual(0);
  expect(Math.abs(stats.serverTime - Date.now())).toBeLessThan(60_000);
});

test('GET /metrics counts what the process has used since it began, not since somebody asked', async () => {
  const { url } = await startServer();
  const { user, system } = process.cpuUsage();
  const text = await (await fetch(new URL('/metrics', url))).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  expect(read('process_cpu_user_seconds_total')).toBeGreaterThanOrEqual(user / 1e6);
  expect(read('process_cpu_system_seconds_total')).toBeGreaterThanOrEqual(system / 1e6);
  expect(read('process_cpu_seconds_total')).toBeGreaterThanOrEqual((user + system) / 1e6);
});

test('GET /metrics tells the same to Prometheus, again and again', async () => {
  const { url } = await startStory();
  for (let scrape = 0; scrape < 2; scrape += 1) {
    const lines = (await (await fetch(new URL('/metrics', url))).text()).split('\n');
    for (const line of [
      'rtserver_connections 1',
      'rtserver_users 1',
      'rtserver_rooms 2',
      'rtserver_connections_accepted_total 3',
      'rtserver_connections_refused_total{code="UNAUTHENTICATED"} 1',
      'rtserver_connections_closed_total{code="KICKED"} 1',
      'rtserver_connections_closed_total{code="CLIENT_CLOSED"} 1',
      'rtserver_events_emitted_total 2',
      'rtserver_deliveries_total 4',
      'rtserver_events_received_total 2',
      'rtserver_emit_failures_total{reason="EVENT_RESERVED"} 1',
      'rtserver_heartbeat_timeouts_total 0',
      'rtserver_buffered_bytes 0',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.some((line) => line.startsWith('process_cpu_seconds_total '))).toBe(true);
  }
});
