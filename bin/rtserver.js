#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';

const { HOME, XDG_CACHE_HOME } = process.env;
const caches = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
// Node 22.1 and later keep what they compile, where they may. Not in Node's own choice of a folder, which all users share.
if (caches) module.enableCompileCache?.(join(caches, 'rtserver'));
const { main } = await import('../dist/cli/main.js');

process.exitCode = await main(process.argv.slice(2));
