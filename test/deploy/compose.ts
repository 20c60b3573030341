import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const folder = fileURLToPath(new URL('../../examples/deploy', import.meta.url));
export const deployPath = (name: string) => join(folder, name);
export const readDeployed = (name: string) => readFileSync(deployPath(name), 'utf8');

interface Service {
  environment?: Record<string, string>;
  command?: string;
  healthcheck?: { test: string };
  volumes?: string[];
}

export const composeServices = () =>
  (parse(readDeployed('compose.yml')) as { services: Record<string, Service> }).services;

/** What the image says: the variables that it sets, its health check, and what it runs. */
export function readImage() {
  const text = readDeployed('Dockerfile').replaceAll('\\\n', '');
  const last = text.slice(text.lastIndexOf('\nFROM '));
  const words = /^ENV (.*)$/m.exec(last)?.[1]?.split(' ') ?? [];
  return {
    env: Object.fromEntries(words.map((word) => word.split('=') as [string, string])),
    healthcheck: JSON.parse(/^HEALTHCHECK .*CMD (\[.*\])$/m.exec(last)?.[1] ?? '') as string[],
    command: JSON.parse(/^CMD (\[.*\])$/m.exec(last)?.[1] ?? '') as string[],
  };
}
