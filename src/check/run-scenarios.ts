import { within } from '../contract/within.ts';
import { ScenarioContext } from './context.ts';
import { NotTried, type Observation, show, Unmet } from './expectations.ts';
import type { Report, Result, Scenario } from './scenario.ts';
import type { Target } from './target.ts';

export interface RunOptions {
  /** Wait for a heartbeat timeout of any length. */
  isFull?: boolean | undefined;
  /** Told each result in the order of the scenarios, as soon as those before it are there. */
  onResult?: ((result: Result) => void) | undefined;
  /** Ends the run early: no scenario begins any more, those that run are given up, and no result is told. */
  signal?: AbortSignal | undefined;
}

const AT_ONCE = 8;
/** Every wait within a scenario has its own, shorter deadline; this one is for a server that always finds another. */
const DEADLINE_MS = 30_000;

/** Runs scenarios against a server, several at once: each has users and rooms of its own. Never rejects. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  target: Target,
  { isFull = false, onResult = () => {}, signal = new AbortController().signal }: RunOptions = {},
): Promise<Report> {
  const started = performance.now();
  const run = crypto.randomUUID().slice(0, 8);
  const results: Result[] = [];
  let told = 0;
  const queue = [...scenarios.keys()].sort((a, b) => rank(scenarios[a]) - rank(scenarios[b]));

  async function work(): Promise<void> {
    for (let at = queue.shift(); at !== undefined && !signal.aborted; at = queue.shift()) {
      const scenario = scenarios[at] as Scenario;
      const context = new ScenarioContext(target, `check-${run}-${at + 1}`, isFull);
      const result = await runScenario(scenario, context, signal);
      if (signal.aborted) return;
      results[at] = result;
      for (let next = results[told]; next !== undefined; next = results[told]) {
        told++;
        onResult(next);
      }
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const count = (status: Result['status']) => results.filter((result) => result.status === status).length;
  const counts = { passed: count('passed'), failed: count('failed'), notTried: count('not tried') };
  return { url: target.url, ...counts, durationMs: Math.round(performance.now() - started), results };
}

const rank = (scenario: Scenario | undefined) => (scenario?.isSlow ? 0 : 1);

async function runScenario(scenario: Scenario, context: ScenarioContext, signal: AbortSignal): Promise<Result> {
  const started = performance.now();
  const { title, spec, requirement, expects } = scenario;
  const { observations } = context.expect;
  const deadlineMs = DEADLINE_MS + (context.isFull ? context.target.heartbeatTimeoutMs : 0);
  const tell = (status: Result['status'], { what, expected, seen }: Observation): Result => {
    const durationMs = Math.round(performance.now() - started);
    return { scenario: title, spec, requirement, status, expected, seen, why: what, durationMs };
  };
  const seen = () => observations.map(({ what, seen }) => `${what}: ${seen}`).join('; ');
  let giveUp = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      context.close();
      reject(new Error('the run was ended'));
    };
  });
  signal.addEventListener('abort', giveUp, { once: true });
  const running = scenario.run(context);
  // Past its deadline nobody waits for it any more.
  running.catch(() => {});
  try {
    const late = { what: 'the whole scenario', expected: `an end within ${deadlineMs} ms`, seen: seen() || 'nothing' };
    await within(Promise.race([running, aborted]), deadlineMs, () => new Unmet(late));
    return tell('passed', { what: '', expected: expects, seen: seen() });
  } catch (error) {
    if (error instanceof NotTried) return tell('not tried', { what: error.message, expected: expects, seen: seen() });
    if (error instanceof Unmet) return tell('failed', error.observation);
    return tell('failed', { what: 'an error', expected: expects, seen: show({ text: String(error) }) });
  } finally {
    signal.removeEventListener('abort', giveUp);
    context.close();
  }
}
