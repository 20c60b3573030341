// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates stand in the sources that the rules are tried on
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  badNames,
  circles,
  forbiddenArrows,
  oversizedFiles,
  processUses,
  readSources,
  type Sources,
} from './support/architecture-rules.ts';
import { importsOf } from './support/source-imports.ts';

const src = readSources(fileURLToPath(new URL('../src', import.meta.url)));

const sources = (files: Record<string, string>): Sources => new Map(Object.entries(files));

describe('the source', () => {
  test('is there to be read', () => {
    expect([...src.keys()]).toContain('contract/errors.ts');
  });

  test.for([
    ['imports only along the arrows', forbiddenArrows],
    ['has no circle', circles],
    ['has no file that is too long', oversizedFiles],
    ['touches the process only where it may', processUses],
    ['has names that say something', badNames],
  ] as const)('%s', ([, rule]) => {
    expect(rule(src)).toEqual([]);
  });
});

describe('a forbidden arrow is found', () => {
  test.for([
    ['contract/ack.ts', `import { x } from '../core/rooms.ts';`],
    ['contract/ack.ts', `import { z } from 'zod';`],
    ['auth/jwt.ts', `import type { Socket } from 'socket.io';`],
    ['auth/jwt.ts', `import express from 'express';`],
    ['auth/jwt.ts', `import { resolveOptions } from '../options.ts';`],
    ['client/connect.ts', `import '../core/core.ts';`],
    ['client/connect.ts', `export * from '../http/app.ts';`],
    ['wire/peer.ts', `import { request } from '../client/request.ts';`],
    ['wire/peer.ts', `import { io } from 'socket.io-client';`],
    ['core/core.ts', `import type { Request } from 'express';`],
    ['core/core.ts', `const cli = await import('../cli/main.ts');`],
    ['core/core.ts', `import { createRedis } from '../backplane/redis.ts';`],
    ['core/handlers/ping.ts', `import { x } from '../../http/app.ts';`],
    ['core/core.ts', `import process from 'node:process';`],
    ['backplane/redis.ts', `import type { Core } from '../core/core.ts';`],
    ['http/app.ts', `import { createCore } from '../core/core.ts';`],
    ['http/app.ts', `import { type Core } from '../core/core.ts';`],
    ['http/app.ts', `import type { Server } from 'socket.io';`],
    ['create-server.ts', `import { main } from './cli/main.ts';`],
    ['create-server.ts', `const { top } = await import('./tui/mount.ts');`],
    ['create-server.ts', `import { createRedisBackplane } from './backplane/redis.ts';`],
    ['create-server.ts', `import { Redis } from 'ioredis';`],
    ['tui/mount.ts', `import { run } from '../load/run-scenario.ts';`],
    ['load/engine.ts', `import type { Plan } from '../bench/plan.ts';`],
    ['bench/run.ts', `const check = import('../check/index.ts');`],
    ['check/origin.ts', `import { createRealtimeServer } from '../create-server.ts';`],
    ['cli/main.ts', `import { createRealtimeServer } from '../index.ts';`],
    ['cli/commands/join.ts', `import { connect } from '../../client/connect.ts';`],
    ['cli/commands/top.ts', `import stringWidth from 'string-width';`],
    ['cli/config.ts', `import 'yaml';`],
    ['cli/version.ts', `const { version } = require('socket.io/package.json');`],
    ['cli/version.ts', `const zod = createRequire(import.meta.url)('zod');`],
    ['cli/commands.ts', 'const load = (name: string) => import(`../commands/${name}.ts`);'],
    ['core/core.ts', `import { connect } from 'rtserver/client';`],
    ['core/core.ts', `import { server } from '../../test/support/start-server.ts';`],
    ['gateway/proxy.ts', `export const port = 1;`],
  ] as const)('%s: %s', ([path, source]) => {
    expect(forbiddenArrows(sources({ [path]: source }))).toEqual([expect.stringContaining(path)]);
  });

  test('and a folder without a row is told to get one', () => {
    expect(forbiddenArrows(sources({ 'gateway/proxy.ts': '' }))).toEqual([
      'gateway/proxy.ts: the folder gateway/ has no row in the table of who may import whom',
    ]);
  });
});

test.for([
  ['auth/jwt.ts', `import jwt from 'jsonwebtoken';\nimport { RtError } from '../contract/errors.ts';`],
  ['core/handlers/ping.ts', `import type { Pong } from '../../contract/events.ts';\nimport { x } from '../rooms.ts';`],
  ['http/app.ts', `import express from 'express';\nimport type { Core } from '../core/core.ts';`],
  ['create-server.ts', `import { x } from './core/core.ts';\nconst redis = await import('./backplane/redis.ts');`],
  ['cli/main.ts', `import { Command } from 'commander';\nimport { COMMANDS } from './commands.ts';`],
  [
    'cli/commands/top.ts',
    `import type { Model } from '../../tui/model.ts';\nconst { default: width } = await import('string-width');`,
  ],
  ['cli/keys.ts', `import type { Options } from 'string-width';`],
  ['contract/version.ts', `const { version } = createRequire(import.meta.url)('../../package.json');`],
  ['cli/commands/start.ts', `const { createRealtimeServer } = await import('../../index.ts');`],
  ['tui/mount.ts', `import stringWidth from 'string-width';\nimport { watch } from '../client/watch.ts';`],
] as const)('an allowed arrow is left alone: %s', ([path, source]) => {
  expect(forbiddenArrows(sources({ [path]: source }))).toEqual([]);
});

describe('a circle is found', () => {
  test('of values', () => {
    const files = { 'core/a.ts': `import { b } from './b.ts';`, 'core/b.ts': `import { a } from './a.ts';` };
    expect(circles(sources(files))).toEqual(['core/a.ts -> core/b.ts -> core/a.ts']);
  });

  test('of types, across three files and folders', () => {
    const files = {
      'core/a.ts': `import type { B } from './handlers/b.ts';`,
      'core/handlers/b.ts': `export type { C } from '../c.ts';`,
      'core/c.ts': `export const load = () => import('./a.ts');`,
    };
    expect(circles(sources(files))).toEqual(['core/a.ts -> core/handlers/b.ts -> core/c.ts -> core/a.ts']);
  });

  test('but not where two paths lead to one file', () => {
    const files = {
      'core/a.ts': `import './b.ts';\nimport './c.ts';`,
      'core/b.ts': `import './d.ts';`,
      'core/c.ts': `import './d.ts';`,
      'core/d.ts': '',
    };
    expect(circles(sources(files))).toEqual([]);
  });
});

test('a file of 221 lines is too long, one of 220 is not', () => {
  expect(oversizedFiles(sources({ 'core/core.ts': 'x;\n'.repeat(221) }))).toEqual([
    'core/core.ts: 221 lines, more than 220',
  ]);
  expect(oversizedFiles(sources({ 'core/core.ts': 'x;\n'.repeat(220) }))).toEqual([]);
});

describe('a use of the process', () => {
  test.for([
    ['cli/main.ts', 'process.exit(1);'],
    ['cli/main.ts', 'const { exit } = process;'],
    ['cli/main.ts', 'globalThis.process.exit(1);'],
    ['tui/mount.ts', 'process?.exit(1);'],
    ['options.ts', `const port = process.env['PORT'];`],
    ['http/app.ts', 'const { env } = process;'],
    ['core/core.ts', 'const started = process.uptime();'],
    ['core/core.ts', `console.log('hello');`],
    ['core/core.ts', 'const line = `${console.log(1)}`;'],
  ] as const)('is found: %s: %s', ([path, source]) => {
    expect(processUses(sources({ [path]: source }))).toEqual([expect.stringContaining(path)]);
  });

  test.for([
    ['cli/main.ts', 'process.exitCode = 1; const { env } = process;'],
    ['cli/main.ts', '// never process.exit(1)'],
    ['core/core.ts', `const text = 'process.exit(1)'; /* console.log */`],
    ['core/stats.ts', 'const figures = { process: read() }; figures.process.rss;'],
  ] as const)('is left alone where it may be: %s: %s', ([path, source]) => {
    expect(processUses(sources({ [path]: source }))).toEqual([]);
  });
});

test.for([
  'core/utils.ts',
  'helpers/x.ts',
  'core/types.ts',
  'core/roomState.ts',
  'core/Rooms.ts',
  'core/a_b.ts',
  'core/x.js',
])('a name that says nothing or is not kebab-case is found: %s', (path) => {
  expect(badNames(sources({ [path]: '' }))).toHaveLength(1);
});

describe('imports are read', () => {
  test.for([
    [`import a from 'a';`, [['a', 'static', false]]],
    [`import a, { b } from "a";`, [['a', 'static', false]]],
    [`import * as a from 'a'`, [['a', 'static', false]]],
    [`import type { A } from 'a';`, [['a', 'static', true]]],
    [`import type A from 'a';`, [['a', 'static', true]]],
    [`import type from 'a';`, [['a', 'static', false]]],
    [`import {\n  a,\n  type B,\n} from 'a';`, [['a', 'static', false]]],
    [
      `import 'a';import"b"`,
      [
        ['a', 'static', false],
        ['b', 'static', false],
      ],
    ],
    [
      `export { a } from 'a'; export * from 'b'; export * as c from 'c';`,
      [
        ['a', 'static', false],
        ['b', 'static', false],
        ['c', 'static', false],
      ],
    ],
    [
      `export type { A } from 'a'; export type * from 'b';`,
      [
        ['a', 'static', true],
        ['b', 'static', true],
      ],
    ],
    [`export interface A { b: string }\nimport c from 'c'`, [['c', 'static', false]]],
    [
      `const a = await import('a'); type B = typeof import('b');`,
      [
        ['a', 'dynamic', false],
        ['b', 'dynamic', true],
      ],
    ],
    ['import(`a`)', [['a', 'dynamic', false]]],
    [`import data from './data.json' with { type: 'json' };`, [['./data.json', 'static', false]]],
    [`const u = 'http://x'; import a from 'a';`, [['a', 'static', false]]],
    [`const r = /['"\`]/; import a from 'a';`, [['a', 'static', false]]],
    [`const r = [/[/*]/g, x / 2]; import a from 'a'; // '`, [['a', 'static', false]]],
    ['const t = `${f({ a: `${1}` })} import b from "b"`; import a from "a";', [['a', 'static', false]]],
    [`<Text>it's</Text>;\nimport a from 'a';`, [['a', 'static', false]]],
    [`// import a from 'a'\n/* import 'b' */ const s = "import c from 'c'"; const t = \`\nimport d from 'd';\``, []],
    [`object.import('a'); reimport('b');`, []],
  ] as const)('%s', ([source, expected]) => {
    expect(importsOf(source).map(({ specifier, kind, isType }) => [specifier, kind, isType])).toEqual(expected);
  });
});
