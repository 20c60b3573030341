import type { ReadStream, WriteStream } from 'node:tty';
import { createKeyReader } from './key-reader.ts';
import type { Key } from './keys.ts';
import { createOutlet } from './outlet.ts';
import { createPainter } from './painter.ts';
import { createRecorder } from './recorder.ts';
import type { LineOfSpans } from './spans.ts';
import type { ScreenSize } from './state.ts';

export interface TerminalOptions {
  stdin: ReadStream;
  stdout: WriteStream;
  isColoured: boolean;
  /** Descriptor of a file for a recording. */
  record?: number | undefined;
}

/** A terminal, borrowed: its screen, its keys. Whoever opens it gives it back as it was. */
export interface Terminal {
  size(): ScreenSize;
  /** Shows these lines, now or when the terminal has taken those before. Only what changed is written, in one piece. */
  show(lines: readonly LineOfSpans[]): void;
  /** Writes a sequence that shows nothing. */
  send(sequence: string): void;
  /** Shows the last lines again, on a clean screen: something else may have written there. */
  redraw(): void;
  /** Stops this job as Ctrl-Z does, the screen being the shell's meanwhile. Returns when the job goes on. */
  suspend(): void;
  /** What keys and a change of size do from now on, and what when the terminal is gone. */
  listen(on: TerminalListener): void;
  /** There is something to look at: the file of the recording is written from now on, with what was shown before. */
  beginRecording(): void;
  /** @returns what the recording broke off by, if it did */
  close(): Error | undefined;
}

export interface TerminalListener {
  keys(keys: readonly Key[]): void;
  resize(): void;
  gone(): void;
  /** The recording cannot be gone on with. */
  unrecorded(cause: Error): void;
}

/** Another screen, no cursor, no wrapping, and pasted text told from typed. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[H';
/** In the order that leaves nothing behind: attributes, wrapping, cursor, then the screen from before. */
const LEAVE = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';

/** The screen and the cursor are given back on every way out, that of an error which nobody caught included. */
export function openTerminal({ stdin, stdout, isColoured, record }: TerminalOptions): Terminal {
  const size = (): ScreenSize => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const recorder =
    record === undefined ? undefined : createRecorder(record, size(), (cause) => listener?.unrecorded(cause));
  const outlet = createOutlet(stdout, () => show(last));
  const painter = createPainter(isColoured);
  let listener: TerminalListener | undefined;
  const keyReader = createKeyReader((keys) => listener?.keys(keys));
  let last: readonly LineOfSpans[] = [];
  let isEntered = false;

  function write(text: string): void {
    if (text === '') return;
    outlet.write(text);
    recorder?.output(text);
  }

  function show(lines: readonly LineOfSpans[]): void {
    last = lines;
    if (isEntered && !outlet.isBusy()) write(painter.paint(lines, size()));
  }

  function redraw(): void {
    painter.forget();
    show(last);
  }

  function enter(): void {
    // First: in the background this is where the job is stopped, before anything is written.
    stdin.setRawMode(true);
    isEntered = true;
    write(ENTER);
    redraw();
  }

  function leave(): void {
    if (!isEntered) return;
    isEntered = false;
    write(LEAVE);
    outlet.flush();
    stdin.setRawMode(false);
  }

  /** @param pid 0 for the whole job */
  function stop(pid: number): void {
    // There are no jobs there.
    if (process.platform === 'win32') return;
    leave();
    forgetJobControl();
    // With nobody listening this stops the process, here; it does nothing where there is no shell to wake it up again.
    process.kill(pid, 'SIGTSTP');
    heedJobControl();
    enter();
  }
  const onStop = () => stop(process.pid);
  /** It was stopped in a way that cannot be heard: the shell has changed the terminal meanwhile. */
  const onContinue = () => {
    leave();
    enter();
  };
  function heedJobControl(): void {
    process.on('SIGTSTP', onStop).on('SIGCONT', onContinue);
  }
  function forgetJobControl(): void {
    process.off('SIGTSTP', onStop).off('SIGCONT', onContinue);
  }

  const onResize = () => {
    recorder?.resize(size());
    painter.forget();
    listener?.resize();
  };
  const onGone = () => listener?.gone();

  enter();
  stdin.on('data', keyReader.read).on('end', onGone).on('error', onGone);
  stdout.on('resize', onResize);
  heedJobControl();
  process.on('SIGHUP', onGone);
  // Before Node prints what ended it: that belongs on the screen that stays.
  process.on('uncaughtExceptionMonitor', leave).on('exit', leave);

  return {
    ...{ size, show, redraw },
    send(sequence) {
      if (isEntered) write(sequence);
    },
    suspend: () => stop(0),
    beginRecording: () => recorder?.begin(),
    listen(on) {
      listener = on;
    },
    close() {
      listener = undefined;
      keyReader.close();
      leave();
      stdin.off('data', keyReader.read).off('end', onGone).off('error', onGone).pause();
      stdout.off('resize', onResize);
      forgetJobControl();
      process.off('SIGHUP', onGone).off('uncaughtExceptionMonitor', leave).off('exit', leave);
      outlet.close();
      return recorder?.close();
    },
  };
}
