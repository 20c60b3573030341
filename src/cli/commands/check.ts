import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Report, Result, Scenario } from '../../check/scenario.ts';
import { printable } from '../../contract/printable.ts';
import { type CheckTargetFlags, findCheckTarget } from '../check-target.ts';
import { usageError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { addExamples, addJsonFlag, addSecretFlags, each, type JsonFlag, toName, toUrl } from '../flags.ts';
import { requireReportPath, unwritableReport } from '../report-file.ts';
import { createInterrupt } from '../signals.ts';

interface CheckFlags extends CheckTargetFlags, JsonFlag {
  only?: string[];
  list?: true;
  report?: string;
  full?: true;
}

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Runs every scenario of the two specifications, against a server of its own or the one at --url, and says of each whether it holds. A server that declares its events must declare "rtserver:check", with a string "id". Exit 1 when one fails, or when none could be tried to its end.',
    )
    .option('--url <url>', 'the server to check; without it, one is started for the check', toUrl)
    .option(
      '--token <token>',
      'its token of an administrator; else RTSERVER_TOKEN, or one made with the secret',
      toName,
    )
    .option('--only <name>', 'only scenarios whose name has this in it; may be repeated', each(toName))
    .option('--list', 'show the scenarios, what each does and expects, and run nothing')
    .option('--full', 'wait for a heartbeat timeout of any length (60 s by default)')
    .option('--report <file>', 'also write JUnit XML', toName)
    .option('--log <file>', 'the JSON log of the server at --url, for the scenarios about logging', toName)
    .option('--origin <origin>', 'an origin that the server at --url allows (default: its own)', toName);
  addJsonFlag(command, 'print one object: { url, passed, failed, notTried, durationMs, results }');
  addSecretFlags(command);
  addExamples(command, [
    'rtserver check',
    'rtserver check --only "maximum connections" --only heartbeat',
    'rtserver check --url https://rt.example --secret @secret.txt --report check.xml',
    'rtserver check --url http://127.0.0.1:3000 --log server.log --full',
  ]);
  command.action(async (flags: CheckFlags) => {
    context.exitCode = await check(context, flags);
  });
}

async function check(context: Context, flags: CheckFlags): Promise<ExitCode> {
  refuseStrangeFlags(flags);
  const { SCENARIOS, selectScenarios } = await import('../../check/run-check.ts');
  const { selected, unknown } = selectScenarios(SCENARIOS, flags.only ?? []);
  if (unknown.length > 0) {
    const lines = unknown.map(({ name, meant }) => {
      return `no scenario has "${name}" in its name.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`;
    });
    throw usageError(lines.join('\n'), 'Next: see them all with `rtserver check --list`.');
  }
  if (flags.list) return await list(context, flags, selected);
  const reportPath = flags.report === undefined ? undefined : await requireReportPath(context, flags.report);
  const interrupt = createInterrupt();
  try {
    const report = await run(context, flags, selected, interrupt.signal);
    await publish(context, flags, report, reportPath);
    // Where nothing could be tried, nothing is proven: a script must not take that for a success.
    return report.failed > 0 || report.passed === 0 ? EXIT.failed : EXIT.done;
  } catch (error) {
    // Its own server got the Ctrl-C too: whatever failed, failed for that.
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interrupt.close();
  }
}

/** What would be ignored in silence. */
function refuseStrangeFlags(flags: CheckFlags): void {
  if (flags.url !== undefined) return;
  for (const name of ['log', 'origin', 'token', 'secret', 'config'] as const) {
    if (flags[name] === undefined) continue;
    throw usageError(
      `--${name} says something about the server at --url: without it, check starts a server of its own`,
      `Next: add --url URL, or leave out --${name}.`,
    );
  }
}

async function list({ output }: Context, flags: CheckFlags, scenarios: readonly Scenario[]): Promise<ExitCode> {
  const { renderScenario, SPECS } = await import('../../check/run-check.ts');
  if (flags.json) {
    output.json(
      scenarios.map(({ title, spec, requirement, does, expects }) => ({ title, spec, requirement, does, expects })),
    );
    return EXIT.done;
  }
  for (const spec of SPECS) {
    const ofSpec = scenarios.filter((scenario) => scenario.spec === spec);
    if (ofSpec.length > 0) output.line(output.bold(spec));
    for (const line of ofSpec.flatMap(renderScenario)) output.line(line);
  }
  return EXIT.done;
}

async function run(
  context: Context,
  flags: CheckFlags,
  scenarios: readonly Scenario[],
  signal: AbortSignal,
): Promise<Report> {
  const { runCheck } = await import('../../check/run-check.ts');
  const { io, output } = context;
  const onResult = flags.json ? undefined : await createProgress(context);
  const options = { scenarios, isFull: flags.full === true, env: io.env, signal, onResult };
  if (flags.url === undefined) {
    if (!flags.json) output.note('Starting a server of its own …');
    const named = io.env['RTSERVER_URL'];
    if (named) output.problem(`warning: RTSERVER_URL is not used: to check the server at ${named}, say --url ${named}`);
    return runCheck(options);
  }
  const { target, logFile, explain } = await findCheckTarget(context, flags);
  try {
    return await runCheck({ ...options, target, logFile });
  } catch (error) {
    throw explain(error);
  }
}

/** Prints each result as it comes, under the name of its specification. */
async function createProgress({ output }: Context): Promise<(result: Result) => void> {
  const { renderResult } = await import('../../check/run-check.ts');
  let current: string | undefined;
  return (result) => {
    if (result.spec !== current) output.line(output.bold(result.spec));
    current = result.spec;
    for (const line of renderResult(result)) output.line(printable(line));
  };
}

async function publish(
  { output }: Context,
  flags: CheckFlags,
  report: Report,
  path: string | undefined,
): Promise<void> {
  const { renderJunit, renderSummary } = await import('../../check/run-check.ts');
  if (flags.json) output.json(report);
  else output.line(`\n${renderSummary(report)}`);
  if (path === undefined) return;
  await writeFile(path, renderJunit(report)).catch((cause: unknown) => {
    throw unwritableReport(path, cause);
  });
}
