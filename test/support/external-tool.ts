import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isCi } from './closing-line-reporter.ts';

export type ExternalTool =
  | 'bash'
  | 'chromium'
  | 'curl'
  | 'go'
  | 'haproxy'
  | 'nginx'
  | 'openssl'
  | 'python3'
  | 'redis-server'
  | 'tmux';

/** Where a program that is no npm package lives on this machine. */
function findTool(tool: ExternalTool): string | undefined {
  // Debian has the programs of services where only root looks by itself.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), '/usr/sbin'];
  return folders.map((folder) => join(folder, tool)).find(isExecutable);
}

export function requireTool(tool: ExternalTool): string {
  const path = findTool(tool);
  if (path === undefined) throw new Error(`${tool} is not installed: apt-get install ${tool}`);
  return path;
}

/**
 * For `describe.skipIf(isToolMissing('tmux'))`: a visible skip on a developer's machine without the program. In CI the
 * answer is always no, so that the tests run and fail.
 */
export function isToolMissing(tool: ExternalTool): boolean {
  return !isCi(process.env) && findTool(tool) === undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
