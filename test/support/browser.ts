import { chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { requireTool } from './external-tool.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page in a real Chromium, closed with the test. Use inside `describe.skipIf(isToolMissing('chromium'))`. */
export async function openPage(): Promise<Page> {
  const browser = await chromium.launch({ executablePath: requireTool('chromium'), args: FLAGS });
  onTestFinished(() => browser.close());
  return browser.newPage();
}
