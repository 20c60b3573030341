#!/usr/bin/env node
import { existsSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

/** Node makes missing folders itself, but never comes back where the system lets nobody make them, as below /proc. */
function isMade(folder) {
  if (existsSync(folder)) return true;
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

// Node 22.1 and later keep what they compile, where they may. Not in Node's own choice of a folder, which all users share.
const { HOME, XDG_CACHE_HOME } = process.env;
const caches = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
if (module.enableCompileCache !== undefined && caches && isMade(caches) && isMade(join(caches, 'rtserver'))) {
  module.enableCompileCache(join(caches, 'rtserver'));
}
const { main } = await import('../dist/cli/main.js');

process.exitCode = await main(process.argv.slice(2));
