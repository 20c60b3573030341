import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node';

/** A run is judged strictly (nothing skipped, no `.only`) where nobody watches it. */
export function isCi(env: NodeJS.ProcessEnv): boolean {
  const means = (value: string | undefined) => value !== undefined && !['', '0', 'false'].includes(value);
  return means(env['CI']) || means(env['RTSERVER_CI']);
}

interface Counts {
  passed: number;
  /** Failed tests, and whatever else went wrong: a file that cannot be loaded, a hook, an error outside any test. */
  failed: number;
  skipped: string[];
}

/**
 * Ends the output with `12 passed, 0 failed, 0 skipped`, from the runner's own counts, and lets a skipped test fail a run
 * in CI. It writes when the process exits, because other reporters and the runner itself print after the last hook.
 */
export class ClosingLineReporter implements Reporter {
  #counts: Counts | undefined;
  #isFiltered = false;

  onInit(vitest: Vitest): void {
    // Whoever asks for tests by name skips the others on purpose.
    this.#isFiltered = vitest.config.testNamePattern !== undefined;
    process.on('exit', (exitCode) => this.#close(exitCode));
  }

  onTestRunStart(): void {
    this.#counts = undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    this.#counts = count(modules, errors);
  }

  #close(exitCode: number): void {
    if (this.#counts === undefined && exitCode === 0) return; // nothing was run: `vitest list`
    const { passed, failed, skipped } = this.#counts ?? { passed: 0, failed: 1, skipped: [] };
    const lines: string[] = [];
    let problems = failed;
    if (passed + failed + skipped.length === 0 || this.#counts === undefined) {
      problems = Math.max(1, problems);
      lines.push('No test ran, which counts as a failure.');
    }
    if (isCi(process.env) && skipped.length > 0 && !this.#isFiltered) {
      problems += 1;
      lines.push(`Nothing may be skipped in CI, which counts as a failure: ${skipped.join('; ')}`);
    }
    if (exitCode !== 0) problems = Math.max(1, problems);
    lines.push(`${passed} passed, ${problems} failed, ${skipped.length} skipped`);
    if (problems > 0) process.exitCode = exitCode || 1;
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

function count(modules: readonly TestModule[], errors: readonly SerializedError[]): Counts {
  const counts: Counts = { passed: 0, failed: errors.length, skipped: [] };
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') counts.passed += 1;
      else if (state === 'skipped') counts.skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      else counts.failed += 1; // failed, or still running when the run was cut short
    }
  }
  return counts;
}
