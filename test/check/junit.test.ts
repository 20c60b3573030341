import { describe, expect, test } from 'vitest';
import { renderJunit } from '../../src/check/junit.ts';
import type { Report, Result } from '../../src/check/scenario.ts';
import { openPage } from '../support/browser.ts';
import { isToolMissing } from '../support/external-tool.ts';

const NASTY = 'a < b && c > "d" \'e\'\n\ttab \u0000\u001b[31m \ud800 ]]> 👋';
const SAFE = 'a < b && c > "d" \'e\'\n\ttab \ufffd\ufffd[31m \ufffd ]]> 👋';

function report(): Report {
  const about = {
    spec: 'websocket-server',
    requirement: 'Limits',
    expected: NASTY,
    seen: NASTY,
    durationMs: 1_234,
  } as const;
  const results: Result[] = [
    { ...about, scenario: 'Passes', status: 'passed', why: '' },
    { ...about, scenario: 'Fails', status: 'failed', why: NASTY },
    { ...about, scenario: 'Waits', status: 'not tried', why: NASTY },
  ];
  return { url: 'http://127.0.0.1', passed: 1, failed: 1, notTried: 1, durationMs: 2_000, results };
}

describe('a JUnit report', () => {
  test('counts what passed, failed and was not tried', () => {
    const [, root, suite] = renderJunit(report()).split('\n');
    const counts = 'tests="3" failures="1" errors="0" skipped="1"';
    expect(root).toBe(`<testsuites name="rtserver check" ${counts} time="2">`);
    expect(suite).toBe(`  <testsuite name="websocket-server" ${counts} time="3.702">`);
  });

  test.skipIf(isToolMissing('chromium'))(
    'is XML that a parser reads back as it was meant, whatever was seen',
    async () => {
      const page = await openPage();
      const read = await page.evaluate((xml) => {
        // biome-ignore lint/suspicious/noExplicitAny: runs in the browser, whose types are not ours
        const { DOMParser } = globalThis as any;
        const document = new DOMParser().parseFromString(xml, 'application/xml');
        const failure = document.querySelector('testcase[name="Fails"] > failure');
        return {
          error: document.querySelector('parsererror')?.textContent ?? null,
          message: failure?.getAttribute('message'),
          text: failure?.textContent,
          skipped: document.querySelector('testcase[name="Waits"] > skipped')?.getAttribute('message'),
        };
      }, renderJunit(report()));
      expect(read).toEqual({
        error: null,
        message: SAFE,
        text: `expected  ${SAFE}\nseen      ${SAFE}`,
        skipped: SAFE,
      });
    },
  );
});
