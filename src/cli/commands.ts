import type { Command } from 'commander';
import type { Context } from './context.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loads the module that adds the command's flags and action. Only the command that was typed is ever loaded. */
  load(): Promise<{ configure(command: Command, context: Context): void }>;
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'start', summary: 'run the server', load: () => import('./commands/start.ts') },
  {
    name: 'token',
    summary: 'print a token for a user, verify or revoke one',
    load: () => import('./commands/token.ts'),
  },
  {
    name: 'join',
    summary: 'connect, join rooms and print each event as it comes',
    load: () => import('./commands/join.ts'),
  },
  {
    name: 'emit',
    summary: 'send events to users, rooms, sockets or everyone',
    load: () => import('./commands/emit.ts'),
  },
  { name: 'ls', summary: 'list sockets, rooms, users, refusals or events', load: () => import('./commands/ls.ts') },
  { name: 'kick', summary: 'close the connections of a user, or one socket', load: () => import('./commands/kick.ts') },
  { name: 'top', summary: 'live rooms, sockets, users, events and refusals', load: () => import('./commands/top.ts') },
  { name: 'session', summary: 'create or revoke a session token', load: () => import('./commands/session.ts') },
  {
    name: 'check',
    summary: 'prove the specifications, scenario by scenario',
    load: () => import('./commands/check.ts'),
  },
  { name: 'bench', summary: 'measure HTTP, sockets and fan-out', load: () => import('./commands/bench.ts') },
  { name: 'load', summary: 'run a load scenario and judge it', load: () => import('./commands/load.ts') },
  { name: 'probe', summary: 'say why a connection is refused', load: () => import('./commands/probe.ts') },
];
