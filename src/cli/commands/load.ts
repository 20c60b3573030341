import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { type Command, InvalidArgumentError } from 'commander';
import { formatRoughly } from '../../contract/units.ts';
import type { Artillery } from '../../load/artillery/locate-artillery.ts';
import type { LoadResult } from '../../load/result.ts';
import { CliError, usageError } from '../cli-error.ts';
import { compareReports } from '../compare-reports.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { addExamples, addJsonFlag, addServerFlags, each, type JsonFlag, type ServerFlags } from '../flags.ts';
import type { OutputStream } from '../io.ts';
import { explainLoadFailure, findLoadServer } from '../load-server.ts';
import { createProgressLine } from '../progress-line.ts';
import { requireReportPath, unwritableReport } from '../report-file.ts';
import { findScenario } from '../scenario-file.ts';
import { createInterrupt } from '../signals.ts';

interface LoadFlags extends ServerFlags, JsonFlag {
  var?: [string, unknown][];
  report?: string[];
  compare?: true;
}

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Runs an Artillery scenario against a server, its own or one that runs, and judges it: exit 0 when everything that the scenario expects has held, 1 when not. It needs Artillery: PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --save-dev artillery.',
    )
    .argument(
      '<file...>',
      'limits, heartbeat, rooms, acks, auth, fanout, reconnect, soak or capacity (which come with it), or a file of your own; with --compare, two JSON reports',
    )
    .option('--var <name=value>', 'a variable of the scenario; may be repeated', each(toVariable))
    .option('--report <file>', 'writes a report: .html, .json, .xml (JUnit) or .md; may be repeated', each(toReport))
    .option('--compare', 'says what has changed between two JSON reports');
  addJsonFlag(command, 'print the whole result as one object');
  addServerFlags(
    command,
    'RTSERVER_URL, `config.target` of the scenario, the one started in this folder, one of its own for the run',
  );
  addExamples(command, [
    'rtserver load limits',
    'rtserver load scenarios/limits.yml --url http://127.0.0.1:3000',
    'rtserver load scenarios/fanout.yml --var sockets=5000 --report fanout.html --report fanout.json',
    'rtserver load scenarios/soak.yml --var duration=10m --url https://staging.example --secret env:JWT_SECRET',
    'rtserver load --compare before.json after.json',
  ]);
  command.action(async (files: string[], flags: LoadFlags) => {
    context.exitCode = flags.compare
      ? await compareReports(context, files, flags.json === true)
      : await load(context, files, flags);
  });
}

const INSTALL = 'Next: PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --save-dev artillery';

async function load(context: Context, [said = '', ...more]: string[], flags: LoadFlags): Promise<ExitCode> {
  const { io, output } = context;
  if (more.length > 0) throw usageError('one scenario at a time', 'To compare two JSON reports: --compare');
  const variables = Object.fromEntries(flags.var ?? []);
  const { path, text, file } = await findScenario(context, said, variables);
  for (const report of flags.report ?? []) await requireReportPath(context, report);
  const artillery = await requireArtillery(io.cwd);
  const progress = createProgressLine(context, flags.json === true);
  const server = await findLoadServer(context, flags, file.config.target);
  const interrupt = createInterrupt();
  try {
    const [{ runLoad }, { fold }] = await Promise.all([
      import('../../load/run-load.ts'),
      import('../../load/reports/fold.ts'),
    ]);
    const say = (text: string) => output.note(fold(text, columnsOf(io.stderr)).join('\n'));
    const result = await runLoad({
      ...{ file, path, text, server, artillery },
      variables,
      env: io.env,
      signal: interrupt.signal,
      onStart: ({ url, isOurs, arrivalsMs, expectedMs }) => {
        progress.begin(arrivalsMs);
        if (file.question !== undefined) say(file.question);
        const length = expectedMs === undefined ? '' : `; takes about ${formatRoughly(expectedMs)}`;
        say(`${said} against ${isOurs ? `a server of its own on ${url}` : url}${length}`);
      },
      onTick: progress.show,
      onLog: progress.log,
    });
    progress.close();
    await deliver(context, result, flags);
    return EXIT_OF[result.verdict];
  } catch (error) {
    progress.close();
    if (interrupt.signal.aborted && !(error instanceof CliError)) return EXIT.interrupted;
    throw explainLoadFailure(error, server);
  } finally {
    interrupt.close();
  }
}

async function requireArtillery(cwd: string): Promise<Artillery> {
  const { locateArtillery, OLDEST_ARTILLERY } = await import('../../load/artillery/locate-artillery.ts');
  const artillery = locateArtillery(cwd);
  if (artillery === undefined) throw usageError('Artillery is not installed', INSTALL);
  if (artillery.isRecentEnough) return artillery;
  throw usageError(
    `Artillery ${artillery.version} is too old: it must be ${OLDEST_ARTILLERY} or newer`,
    `${INSTALL}@latest`,
  );
}

/** What is no terminal has lines of any length. */
const columnsOf = ({ isTTY, columns }: OutputStream) => (isTTY && columns) || Number.POSITIVE_INFINITY;

const EXIT_OF = { passed: EXIT.done, failed: EXIT.failed, interrupted: EXIT.interrupted } as const;

async function deliver({ io, output }: Context, result: LoadResult, { json, report = [] }: LoadFlags): Promise<void> {
  if (json) output.json(result);
  else {
    const { renderTable } = await import('../../load/reports/table.ts');
    const isStyled = io.stdout.isTTY === true && !io.env['NO_COLOR'];
    const style = (format: 'bold' | 'dim' | 'green' | 'red') => (text: string) =>
      isStyled ? styleText(format, text) : text;
    const styles = { bold: style('bold'), dim: style('dim'), green: style('green'), red: style('red') };
    output.line(renderTable(result, styles, columnsOf(io.stdout)));
  }
  if (report.length === 0) return;
  const { writeReport } = await import('../../load/reports/write-report.ts');
  for (const file of report) {
    await writeReport(result, resolve(io.cwd, file)).catch((cause: unknown) => {
      throw unwritableReport(file, cause);
    });
    output.note(`report: ${file}`);
  }
}

/** `n=1000` is a number, `ok=true` a boolean, anything else text. */
function toVariable(text: string): [string, unknown] {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be name=value.');
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
}

function toReport(file: string): string {
  if (/\.(html|json|xml|md)$/.test(file)) return file;
  throw new InvalidArgumentError('It must end with .html, .json, .xml or .md.');
}
