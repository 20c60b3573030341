import { execFile } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cleanEnv } from './run-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

export interface InstalledPackage {
  folder: string;
  /** What `npm pack` put in. */
  files: string[];
  /** What npm said while it installed. */
  installOutput: string;
  /** The command line as npm installed it. */
  bin: string;
}

/** The packed package, installed by npm into an empty folder. Whoever calls it removes `folder`. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'rtserver-package-'));
  const npm = (args: readonly string[], cwd: string) =>
    run('npm', [...args, '--no-audit', '--no-fund'], { cwd, env: cleanEnv(), maxBuffer: 1e8 });
  // The tests run on a build already; `prepack` would make it again under everybody's feet.
  const packed = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root);
  const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const { stdout, stderr } = await npm(['install', '--prefer-offline', `./${filename}`], folder);
  return {
    folder,
    files: files.map(({ path }) => path),
    installOutput: stdout + stderr,
    bin: join(folder, 'node_modules/rtserver/bin/rtserver.js'),
  };
}

/** Makes a development dependency of this repository one of that folder's. */
export function linkTool(folder: string, name: string): void {
  symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
}

/** As `du` counts: a small file takes a whole block of the disk. */
export function bytesOnDisk(path: string): number {
  const { blocks } = lstatSync(path);
  const entries = lstatSync(path).isDirectory() ? readdirSync(path) : [];
  return entries.reduce((sum, name) => sum + bytesOnDisk(join(path, name)), blocks * 512);
}
