import type { Ledger } from '../load/ledger.ts';
import type { Context } from './context.ts';

/** The progress of a run on stderr: one line that changes on a terminal; elsewhere a line at once, then one every 5 s. */
export interface ProgressLine {
  begin(arrivalsMs: number | undefined): void;
  show(ledger: Ledger): void;
  log(text: string): void;
  close(): void;
}

const EVERY_MS = 5_000;
const CLEAR = '\r\u001b[2K';

export function createProgressLine({ io, output }: Context, isHidden: boolean): ProgressLine {
  const { stderr } = io;
  const isLive = stderr.isTTY === true;
  let arrivalsMs: number | undefined;
  let shownAt = 0;
  let isDirty = false;
  let render: ((ledger: Ledger, arrivalsMs: number | undefined) => string) | undefined;

  function clear(): void {
    if (isDirty) stderr.write(CLEAR);
    isDirty = false;
  }

  return {
    begin(ms) {
      arrivalsMs = ms;
      void import('../load/progress.ts').then(({ renderProgress }) => {
        render = renderProgress;
      });
    },
    show(ledger) {
      if (isHidden || output.loudness === 'quiet' || render === undefined) return;
      if (isLive) {
        stderr.write(`${CLEAR}${render(ledger, arrivalsMs).slice(0, (stderr.columns ?? 100) - 1)}`);
        isDirty = true;
      } else if (Date.now() - shownAt >= EVERY_MS) {
        shownAt = Date.now();
        output.note(render(ledger, arrivalsMs));
      }
    },
    log(text) {
      clear();
      output.note(text);
    },
    close: clear,
  };
}
