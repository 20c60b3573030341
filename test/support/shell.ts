import { openTerminal, type Terminal, type TerminalOptions } from './terminal.ts';
import { matchOutput, type TranscriptStep } from './transcript.ts';
import { until } from './until.ts';

/** A command may be a run of some seconds, on a machine that has other things to do. */
const PATIENCE_MS = 90_000;

/** The prompt counts commands and tells the exit code of the last one. It may follow an unfinished line, such as `^C`. */
const PROMPT = /\[(?<number>\d+) (?<exitCode>\d+)\]\$ ?(?<command>.*)$/;

interface ShellState {
  /** Is the shell waiting for a command? */
  isIdle: boolean;
  exitCode: number;
  /** What the last command has printed so far. */
  output: string[];
}

export async function openShell(options: TerminalOptions): Promise<Shell> {
  const env = { ...options.env, PS1: '[\\# $?]$ ', PS2: '', HISTFILE: '/dev/null' };
  const terminal = await openTerminal(['bash', '--norc', '--noprofile', '-i'], { columns: 160, ...options, env });
  return new Shell(terminal);
}

/** A person's shell: commands are typed into it as they stand in a transcript, and what they show is compared. */
export class Shell {
  readonly #terminal: Terminal;
  #current: TranscriptStep | undefined;
  /** How many commands were typed. */
  #typed = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /**
   * Types the step's command once the one before has ended, and waits for the output that the transcript shows; then the
   * command may go on running. One that shows no output is waited for to its end.
   */
  async play(step: TranscriptStep): Promise<void> {
    if (step.command === undefined) {
      if (this.#current === undefined) throw new Error(`line ${step.line}: no command runs in shell ${step.shell}`);
      this.#current.expected.push(...step.expected);
    } else {
      await this.finish();
      this.#current = { ...step, expected: [...step.expected] };
      this.#typed += 1;
      await this.#terminal.type(step.command);
      await this.#terminal.press('Enter');
    }
    await this.#seeExpected();
  }

  /** Waits until the command has ended, and compares all that it printed and its exit code. */
  async finish(): Promise<void> {
    const { output, exitCode } = await this.#wait('the end of', ({ isIdle }) => isIdle);
    const step = this.#current;
    this.#current = undefined;
    if (step === undefined) return;
    const { isComplete, missing } = matchOutput(step.expected, output, true);
    if (!isComplete) throw new Error(`${describe(step)}: expected "${missing}", but it printed\n${output.join('\n')}`);
    if (exitCode === step.exitCode) return;
    throw new Error(`${describe(step)}: exit code ${exitCode}, not ${step.exitCode}\n${output.join('\n')}`);
  }

  /** Ctrl-C for a command that would run for ever; what it prints then is no part of the transcript. */
  async interrupt(): Promise<void> {
    if ((await this.#look()).isIdle) return this.finish();
    await this.#terminal.press('C-c');
    await this.#wait('the end, after Ctrl-C, of', ({ isIdle }) => isIdle);
    this.#current = undefined;
  }

  async #seeExpected(): Promise<void> {
    const expected = this.#current?.expected ?? [];
    // `…` alone fits before anything is printed: only the end tells then.
    const saysSomething = expected.some((line) => !['', '…'].includes(line.trim()));
    const isShown = ({ output }: ShellState) => saysSomething && matchOutput(expected, output, false).isComplete;
    const { isIdle } = await this.#wait('the output of', (state) => state.isIdle || isShown(state));
    if (isIdle) await this.finish();
  }

  async #wait(what: string, fits: (state: ShellState) => boolean): Promise<ShellState> {
    let last: ShellState | undefined;
    try {
      const isThere = async () => {
        last = await this.#look();
        return fits(last) && last;
      };
      return await until(isThere, { withinMs: PATIENCE_MS });
    } catch (error) {
      const printed = last?.output.join('\n');
      throw new Error(`${what} ${describe(this.#current)} did not come; it printed\n${printed}`, { cause: error });
    }
  }

  async #look(): Promise<ShellState> {
    const lines = (await this.#terminal.history()).trimEnd().split('\n');
    const numberIn = (line: string) => Number(PROMPT.exec(line)?.groups?.['number']);
    const start = lines.findLastIndex((line) => numberIn(line) === this.#typed);
    const prompt = PROMPT.exec(lines.at(-1) ?? '')?.groups;
    const isIdle = Number(prompt?.['number']) === this.#typed + 1;
    const typedLines = this.#current?.command?.split('\n').length ?? 0;
    const output = start < 0 ? [] : lines.slice(start + typedLines, isIdle ? -1 : undefined);
    return { isIdle, output: output.map((line) => line.trimEnd()), exitCode: Number(prompt?.['exitCode']) };
  }
}

function describe(step: TranscriptStep | undefined): string {
  return step === undefined ? 'the shell' : `line ${step.line} (${step.command})`;
}
