import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { installedFolder, OFFLINE_NPX } from './installed-folder.ts';
import { openShell, type Shell } from './shell.ts';
import { parseFiles, parseTranscript, type TranscriptStep } from './transcript.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Does, in a new folder with the package installed, what a document tells its reader to do. */
export async function playDocument(markdown: string): Promise<void> {
  // A developer's own server may be on port 3000.
  const port = String(await freePort());
  const text = markdown.replaceAll(/(?<=(?:127\.0\.0\.1:|localhost:|port: ))3000\b/g, port);
  const cwd = installedFolder();
  symlinkSync(root, join(cwd, 'node_modules/rtserver'));
  for (const name of ['zod', 'artillery']) {
    symlinkSync(join(root, 'node_modules', name), join(cwd, 'node_modules', name));
  }
  for (const { file, content } of parseFiles(text)) writeFileSync(join(cwd, file), content);
  await playSteps(parseTranscript(text), { cwd, env: { RTSERVER_PORT: port } });
}

/** Plays the steps, each in its shell, in one folder. */
export async function playSteps(
  steps: readonly TranscriptStep[],
  { cwd = installedFolder(), env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<void> {
  const shells = new Map<string, Shell>();
  for (const step of steps) {
    const shell = shells.get(step.shell) ?? (await openShell({ cwd, env: { ...OFFLINE_NPX, ...env } }));
    shells.set(step.shell, shell);
    await shell.play(step);
  }
  // The newest shell first: what runs in the first one, the server, serves the others.
  for (const shell of [...shells.values()].reverse()) await shell.interrupt();
}
