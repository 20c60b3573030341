import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BIN } from './run-cli.ts';
import { tempFolder } from './temp-folder.ts';

/** For `npx`, beside `installedFolder()`: nothing is downloaded, and npm does not speak of itself. */
export const OFFLINE_NPX = { npm_config_offline: 'true', npm_config_update_notifier: 'false' };

/** A folder, empty but for `node_modules`, in which `npx rtserver` is this build. */
export function installedFolder(): string {
  const folder = tempFolder();
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(BIN, join(folder, 'node_modules/.bin/rtserver'));
  return folder;
}
