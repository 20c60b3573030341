import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { connectClient } from '../support/connect.ts';
import { type RunningCli, startCliServer } from '../support/run-cli.ts';
import { openCli, type Terminal } from '../support/terminal.ts';

export interface Place {
  cli: RunningCli;
  url: string;
  cwd: string;
  connect(user: string): ReturnType<typeof connectClient>;
  top(...args: string[]): Promise<Terminal>;
}

/** A server in a folder of its own, and how to look at it. */
export async function startPlace(...flags: string[]): Promise<Place> {
  const { cli, url } = await startCliServer(flags);
  const { cwd } = cli;
  const secret = readFileSync(join(cwd, '.rtserver/secret'), 'utf8').trim();
  return {
    ...{ cli, url, cwd },
    connect: (user) => connectClient(url, { token: jwt.sign({ sub: user }, secret, { expiresIn: '1h' }) }),
    top: (...args) => openCli(['top', ...args], { cwd, columns: 100, rows: 24 }),
  };
}
