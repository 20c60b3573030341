import { defineConfig } from 'vitest/config';
import { ClosingLineReporter, isCi } from './test/support/closing-line-reporter.ts';

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    // A machine four times slower than a laptop still passes: what a test waits for has its own, shorter, deadline.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    allowOnly: !isCi(process.env),
    // A process each file: `createRealtimeServer` allows one server a process, and tests change their environment.
    pool: 'forks',
    maxWorkers: 2,
    // What runs in this process; tools/coverage.ts adds the commands and servers that tests start.
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['json'], reportOnFailure: true },
    projects: [
      { extends: true, test: { name: 'architecture', include: ['test/architecture.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: ['test/architecture.test.ts', '**/node_modules/**'],
        },
      },
    ],
  },
});
