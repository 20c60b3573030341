import type { Command } from 'commander';
import { VERSION } from '../../contract/version.ts';
import { abandonOutputAfter } from '../abandon-output.ts';
import { requireAll } from '../cli-error.ts';
import { withPlace } from '../config-problems.ts';
import { type Configuration, resolveConfiguration } from '../configuration.ts';
import type { Context } from '../context.ts';
import { type CrashWatch, watchCrashes } from '../crash.ts';
import { isSwitchedOn } from '../environment.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { addExamples, addSecretFlags } from '../flags.ts';
import { renderGreeting } from '../greeting.ts';
import { createLogTail } from '../log-tail.ts';
import { requireOwnState } from '../own-state.ts';
import { requireProductionSafety } from '../production-guard.ts';
import { requireTerminal } from '../require-terminal.ts';
import { dropStaleServerFile, removeServerFile } from '../runtime-folder.ts';
import { requireSafeAuth } from '../safe-auth.ts';
import type { FoundSecret } from '../secrets.ts';
import { createServerLogger, leaveServerFile, type RunningServer, serve } from '../serve.ts';
import { countWorkers, requireOneProcess, serveWorkers } from '../serve-workers.ts';
import { aborted, createInterrupt } from '../signals.ts';
import { showDashboard } from '../start-dashboard.ts';
import { addSettingFlags, readStartFlags, renderVariables, type StartFlags } from '../start-flags.ts';
import { type ConfigurationWatch, requireConfigFile, watchConfiguration } from '../watch-configuration.ts';

export function configure(command: Command, context: Context): void {
  command.description(
    'Runs the server until it is stopped with Ctrl-C or SIGTERM. In a pipe it prints JSON log lines only. --quiet and --verbose set the log level: warn and debug.',
  );
  addSettingFlags(command);
  command
    .option('--json', 'the same as --log-format json')
    .option('--watch', 'take up changes of the configuration file without a restart')
    .option(
      '--tui',
      'show the dashboard (see rtserver top); l shows the log. On other systems than Linux, a terminal that does not read holds the server up: there, in production, use rtserver top from another terminal',
    );
  addSecretFlags(command);
  command.addHelpText('after', renderVariables());
  addExamples(command, [
    'rtserver start',
    'rtserver start --port 0 --verbose',
    'rtserver start --workers auto',
    'rtserver start --host 0.0.0.0 --secret @secret.txt --origin https://app.example',
    'rtserver start --redis redis://127.0.0.1:6379',
    'RTSERVER_LIMITS_CONNECTIONS_PER_USER=10 rtserver start --config rtserver.config.yaml --watch',
  ]);
  command.action(async (flags: StartFlags) => {
    context.exitCode = await start(context, flags);
  });
}

/** For whoever reads the log to take the rest of it. */
const OUTPUT_GRACE_MS = 1_000;

async function start(context: Context, flags: StartFlags): Promise<ExitCode> {
  const { io, output } = context;
  context.isStdoutLog = true;
  const interrupt = createInterrupt();
  let crash: CrashWatch | undefined;
  let watch: ConfigurationWatch | undefined;
  try {
    await dropStaleServerFile(io.cwd);
    const showsDashboard = flags.tui ?? isSwitchedOn(io.env, 'RTSERVER_TUI');
    const isWatching = flags.watch ?? isSwitchedOn(io.env, 'RTSERVER_WATCH');
    const filesRead = new Set<string>();
    const request = { config: flags.config, flags: readStartFlags(flags), isForNew: true, filesRead };
    const configuration = await resolveConfiguration(context, request);
    let secret: FoundSecret | undefined;
    requireAll(
      () => {
        secret = requireSafeAuth(context, configuration);
      },
      () => requireOwnState(context, configuration),
      () => {
        if (io.env['NODE_ENV'] === 'production') requireProductionSafety(configuration.settings);
      },
      () => {
        if (showsDashboard) requireDashboard(context, configuration);
      },
      () => {
        if (isWatching) requireWatch(configuration);
      },
    );
    const tail = showsDashboard ? await createLogTail(configuration.settings.log.level) : undefined;
    const { logger, sink } = tail ?? (await createServerLogger(context, configuration));
    crash = watchCrashes(logger);
    const starting: Promise<RunningServer> =
      sink !== undefined && countWorkers(configuration) > 1
        ? serveWorkers(context, configuration, secret?.value, { logger, sink, interrupt })
        : serve(context, configuration, secret?.value, logger);
    const server = await starting.catch(async (error: unknown) => {
      throw await withPlace(error, configuration);
    });
    const { reload } = server;
    if (isWatching && reload !== undefined)
      watch = watchConfiguration(context, { ...request, server: { reload }, logger, config: configuration.file });
    const file = leaveServerFile(context, server, configuration.file);
    const ends = { signal: interrupt.signal, crash: crash.signal };
    const isStopped = tail !== undefined && (await showDashboard(context, server, { secret, tail, ...ends }));
    if (io.stdout.isTTY && !isStopped && !flags.quiet) {
      const { url, settings } = server;
      const about = { url, settings, version: VERSION, secretFrom: secret?.from, file: configuration.file };
      output.line(renderGreeting(about, output));
    }
    if (!isStopped) await aborted(interrupt.signal, crash.signal);
    interrupt.begin();
    watch?.close();
    await server.close();
    if (file !== undefined) removeServerFile(io.cwd, file);
    return crash.signal.aborted ? EXIT.failed : EXIT.done;
  } catch (error) {
    // Workers that the same Ctrl-C has ended are no failure.
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    watch?.close();
    crash?.close();
    interrupt.close();
    abandonOutputAfter(OUTPUT_GRACE_MS);
  }
}

function requireDashboard(context: Context, configuration: Configuration): void {
  requireOneProcess(configuration, '--tui', 'Next: leave out one of them; rtserver top shows the dashboard.');
  requireTerminal(context, '--tui', 'Next: leave it out; from a terminal, rtserver top shows the dashboard.');
}

function requireWatch(configuration: Configuration): void {
  requireOneProcess(configuration, '--watch', 'Next: leave out one of them; with several, a restart takes up changes.');
  requireConfigFile(configuration);
}
