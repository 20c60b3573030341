import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Subject } from '../../bench/subject.ts';
import type { OwnServer } from '../../load/own-server.ts';
import type { NamedServer } from '../../load/run-load.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import {
  addExamples,
  addJsonFlag,
  addServerFlags,
  durationOption,
  type JsonFlag,
  type ServerFlags,
  toCount,
} from '../flags.ts';
import { explainLoadFailure, findLoadServer } from '../load-server.ts';
import { createInterrupt } from '../signals.ts';

interface BenchFlags extends ServerFlags, JsonFlag {
  sockets: number;
  duration: number;
  control?: true;
}

/** Limits that a benchmark would otherwise measure. */
const OWN_LIMITS = { connectionsPerUser: 1_000, eventsPerSecond: 1_000_000 };

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Measures emissions over HTTP (autocannon), connections, acknowledgements and fan-out, on a server of its own or one that runs. Exit 1 when anything fails.',
    )
    .option('--sockets <n>', 'how many sockets', toCount, 200)
    .addOption(durationOption('--duration <duration>', 'how long each measurement takes', 3_000))
    .option('--control', 'measures bare Socket.IO beside it');
  addJsonFlag(command, 'print the result as one object');
  addServerFlags(command, 'RTSERVER_URL, the one started in this folder, one of its own for the measurement');
  addExamples(command, [
    'rtserver bench',
    'rtserver bench --control --json',
    'rtserver bench --url https://staging.example --secret env:JWT_SECRET --sockets 50',
  ]);
  command.action(async (flags: BenchFlags) => {
    context.exitCode = await bench(context, flags);
  });
}

async function bench(context: Context, flags: BenchFlags): Promise<ExitCode> {
  const { io, output } = context;
  const found = await findLoadServer(context, flags, undefined);
  const interrupt = createInterrupt();
  const folder = mkdtempSync(join(tmpdir(), 'rtserver-bench-'));
  let own: OwnServer | undefined;
  try {
    let server = found;
    if (server === undefined) {
      const { startOwnServer } = await import('../../load/own-server.ts');
      own = await startOwnServer({ limits: OWN_LIMITS }, folder, io.env);
      const { url, path, secret } = own;
      server = { url, path, tokens: { kind: 'secret', secret, algorithm: 'HS256' } };
    }
    const [{ runBench }, { renderRow }] = await Promise.all([
      import('../../bench/run-bench.ts'),
      import('../../bench/render.ts'),
    ]);
    const { subject, adminToken } = await toSubject(server);
    if (!flags.json)
      output.note(`${flags.sockets} sockets against ${own === undefined ? server.url : 'a server of its own'}`);
    const result = await runBench({
      ...{
        subject,
        adminToken,
        sockets: flags.sockets,
        durationMs: flags.duration,
        withControl: flags.control === true,
      },
      signal: interrupt.signal,
      onRow: (row) => void (flags.json ? undefined : output.line(renderRow(row))),
    });
    if (flags.json) output.json(result);
    if (interrupt.signal.aborted) return EXIT.interrupted;
    return result.ok ? EXIT.done : EXIT.failed;
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    throw explainLoadFailure(error, found);
  } finally {
    interrupt.close();
    await own?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function toSubject({ url, path, tokens }: NamedServer): Promise<{ subject: Subject; adminToken: string }> {
  const [{ createAdminClient }, { makeToken }, { surveyServer }] = await Promise.all([
    import('../../client/admin.ts'),
    import('../../load/tokens.ts'),
    import('../../load/survey.ts'),
  ]);
  const wish = tokens.kind === 'given' ? 'valid' : { claims: { scope: 'admin' } };
  const adminToken = makeToken(tokens, 'rtserver-bench', wish) ?? '';
  const limits = await surveyServer({ url, path }, tokens);
  const admin = createAdminClient({ url, token: adminToken });
  const stats = (await admin.stats()) as { limits?: { eventsPerSecond?: number } };
  const subject: Subject = {
    ...{ name: 'rtserver', url, path },
    authOf: (user) => ({ token: makeToken(tokens, user) }),
    publish: (events) => admin.emit(events.map((event) => ({ ...event, to: { rooms: ['bench'] } }))),
    eventsPerSecond: stats.limits?.eventsPerSecond ?? 100,
    connectionsPerUser: limits.connectionsPerUser ?? 1,
  };
  return { subject, adminToken };
}
