import type { Command } from 'commander';
import type { Context } from './context.ts';

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loads the module that adds the command's flags and action. Only the command that was typed is ever loaded. */
  load(): Promise<{ configure(command: Command, context: Context): void }>;
  /** Words that may follow it; each is loaded when it was typed. */
  readonly subcommands?: readonly CommandEntry[];
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'start', summary: 'run the server', load: () => import('./commands/start.ts') },
  {
    name: 'token',
    summary: 'print a token for a user, verify or revoke one',
    load: () => import('./commands/token.ts'),
    subcommands: [
      {
        name: 'verify',
        summary: 'say whether the server would accept a token, and why not',
        load: () => import('./commands/token-verify.ts'),
      },
      {
        name: 'revoke',
        summary: 'revoke a token, or all of a user, on the running server',
        load: () => import('./commands/token-revoke.ts'),
      },
    ],
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
  {
    name: 'session',
    summary: 'create or revoke a session token',
    load: () => import('./commands/session.ts'),
    subcommands: [
      {
        name: 'create',
        summary: 'print a new session token and nothing else',
        load: () => import('./commands/session-create.ts'),
      },
      {
        name: 'revoke',
        summary: 'revoke one session token, or all of a user',
        load: () => import('./commands/session-revoke.ts'),
      },
    ],
  },
  {
    name: 'check',
    summary: 'prove the specifications, scenario by scenario',
    load: () => import('./commands/check.ts'),
  },
  { name: 'bench', summary: 'measure HTTP, sockets and fan-out', load: () => import('./commands/bench.ts') },
  { name: 'load', summary: 'run a load scenario and judge it', load: () => import('./commands/load.ts') },
  {
    name: 'config',
    summary: 'show every setting and where it came from, or write a starter file',
    load: () => import('./commands/config.ts'),
    subcommands: [
      {
        name: 'init',
        summary: 'write a starter configuration file',
        load: () => import('./commands/config-init.ts'),
      },
    ],
  },
  {
    name: 'completion',
    summary: 'print the completions for bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
  { name: 'probe', summary: 'say why a connection is refused', load: () => import('./commands/probe.ts') },
];
