import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { requireTool } from './external-tool.ts';
import { freePort } from './free-port.ts';
import { tempFolder } from './temp-folder.ts';
import { until } from './until.ts';

/** A real Redis of its own: nothing on disk that matters, gone with the test. */
export interface Redis {
  url: string;
  port: number;
  /** Kills it, as a crash would. */
  stop(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
}

/** Use inside `describe.skipIf(isToolMissing('redis-server'))`. */
export async function startRedis(): Promise<Redis> {
  const program = requireTool('redis-server');
  const folder = tempFolder();
  const port = await freePort();
  let child: ChildProcess | undefined;

  const start = async () => {
    const options = {
      '--port': String(port),
      '--bind': '127.0.0.1',
      '--save': '',
      '--appendonly': 'no',
      '--dir': folder,
    };
    const started = spawn(program, Object.entries(options).flat(), { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let output = '';
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk) => (output += chunk));
    await until(
      () => {
        if (started.exitCode !== null) throw new Error(`redis-server ended: ${output}`);
        return answers(port);
      },
      { what: `redis-server on port ${port}` },
    );
  };
  const stop = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };

  onTestFinished(stop);
  await start();
  return { url: `redis://127.0.0.1:${port}`, port, stop, restart: start };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.on('error', () => resolve(false));
    socket.on('data', (chunk) => {
      resolve(String(chunk).startsWith('+PONG'));
      socket.destroy();
    });
  });
}
