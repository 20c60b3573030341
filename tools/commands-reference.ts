import { PassThrough, Writable } from 'node:stream';
import type { Context } from '../src/cli/context.ts';
import { main } from '../src/cli/main.ts';
import { createOutput } from '../src/cli/output.ts';
import { loadProgram } from '../src/cli/program.ts';

const INTRODUCTION = `# Commands

What \`rtserver COMMAND --help\` says. Data goes to stdout, everything else to stderr; \`--json\` is for programs. Exit codes: 0 done,
1 the run's own verdict is a failure, 2 usage or configuration, 3 server not reachable, 4 refused by the server, 70
the program itself failed, 130 interrupted.

The examples say \`rtserver\`. Where it is a dependency of your project, that is \`npx rtserver\`, or \`rtserver\` in the scripts of
\`package.json\`; \`npm install --global rtserver\` puts it on the \`PATH\`.

`;

/** `docs/commands.md` */
export async function renderCommandsReference(): Promise<string> {
  const sections = await Promise.all((await listPaths()).map(renderSection));
  return INTRODUCTION + sections.join('\n');
}

/** Every command and what may follow it, in the order of the table. */
async function listPaths(): Promise<string[][]> {
  const { io } = captureIo();
  const output = createOutput(io);
  const context: Context = {
    ...{ io, output, outputClosed: new AbortController().signal, exitCode: 0 },
    loadProgram: () => loadProgram(context),
  };
  const program = await context.loadProgram();
  return program.commands.flatMap((command) => [
    [command.name()],
    ...command.commands.map((each) => [command.name(), each.name()]),
  ]);
}

async function renderSection(path: string[]): Promise<string> {
  const { io, text } = captureIo();
  await main([...path, '--help'], io);
  const heading = path.length === 1 ? '##' : '###';
  return `${heading} ${path.join(' ')}\n\n\`\`\`text\n${text().trimEnd()}\n\`\`\`\n`;
}

function captureIo() {
  let said = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      said += String(chunk);
      done();
    },
  });
  const io = { stdin: new PassThrough().end(), stdout: sink, stderr: sink, env: {}, cwd: '/' };
  return { io, text: () => said };
}
