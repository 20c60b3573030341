import { type Command, InvalidArgumentError } from 'commander';
import { printable } from '../../contract/printable.ts';
import type { Report } from '../../probe/run-probe.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { addExamples, addJsonFlag, durationOption, type JsonFlag, toName, toUrl } from '../flags.ts';

interface ProbeFlags extends JsonFlag {
  origin?: string;
  token?: string;
  path?: string;
  timeout: number;
  insecure?: true;
}

const TIMEOUT_MS = 5_000;

const EXIT_OF: Readonly<Record<Report['outcome'], ExitCode>> = {
  passes: EXIT.done,
  refused: EXIT.refused,
  unreachable: EXIT.unreachable,
  'not-socket.io': EXIT.unreachable,
};

export function configure(command: Command, context: Context): void {
  command
    .description(
      'Says why a connection is refused: tries polling, WebSocket and the upgrade between them, with and without the origin and the token, and as a page of an origin that nobody knows. Names the rule behind each answer and what to change. For any Socket.IO server. One connection at a time, each closed again; the token goes along as auth.token and is never printed.',
    )
    .argument('<url>', 'the server; as in a client, a path in it names a namespace', toUrl)
    .option('--origin <origin>', 'come from a page of this origin, such as https://app.example', toOrigin)
    .option('--token <token>', 'come with this token', toName)
    .option('--path <path>', 'where Socket.IO is on the server (default: /socket.io)', toName)
    .addOption(durationOption('--timeout <duration>', 'for each attempt', TIMEOUT_MS))
    .option('--insecure', 'look past a certificate that is not to be trusted');
  addJsonFlag(command, 'print one object: { url, path, namespace, outcome, summary, attempts, cors, findings }');
  addExamples(command, [
    'rtserver probe http://127.0.0.1:3000',
    'rtserver probe http://127.0.0.1:3000 --token "$(rtserver token --user 42)"',
    'rtserver probe https://rt.example --origin https://app.example --token "$TOKEN"',
    'rtserver probe https://rt.example/admin --path /realtime --timeout 10s --insecure --json',
  ]);
  command.addHelpText(
    'after',
    '\nExit codes: 0 it connects over WebSocket; 3 not reachable, or no Socket.IO server; 4 refused.',
  );
  command.action(async (url: string, flags: ProbeFlags) => {
    context.exitCode = await probe(context, url, flags);
  });
}

async function probe({ output }: Context, url: string, flags: ProbeFlags): Promise<ExitCode> {
  const { runProbe, renderReport } = await import('../../probe/run-probe.ts');
  const { origin, token, path, timeout: timeoutMs, insecure: isInsecure } = flags;
  const report = await runProbe({ url, origin, token, path, timeoutMs, isInsecure });
  if (flags.json) output.json(report);
  else for (const line of renderReport(report)) output.line(printable(line));
  return EXIT_OF[report.outcome];
}

/** A header takes no other characters. Whether a browser would send it is for the report to say. */
function toOrigin(text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new InvalidArgumentError('It must be an origin such as https://app.example.');
  return text;
}
