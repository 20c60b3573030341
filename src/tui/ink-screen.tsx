import { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { render } from 'ink';
import type { Dashboard } from './dashboard.ts';
import type { Painter } from './painter.ts';
import { App } from './screen.tsx';
import type { ScreenSize } from './state.ts';

export interface InkScreenOptions {
  dashboard: Dashboard;
  painter: Painter;
  stdin: ReadStream;
  isColoured: boolean;
  size: () => ScreenSize;
  onError: (error: unknown) => void;
}

/** The dashboard, live: its keys and its frames. */
export interface InkScreen {
  close(): void;
}

/** Puts the dashboard on a screen that a painter holds. */
export function openInkScreen({ dashboard, painter, stdin, isColoured, size, onError }: InkScreenOptions): InkScreen {
  const app = render(<App dashboard={dashboard} isColoured={isColoured} />, {
    stdout: new FrameStream(painter, size) as unknown as WriteStream,
    stdin,
    // Frames as they are, whole: the painter finds out what changed.
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  app.waitUntilExit().catch(onError);
  return { close: app.unmount };
}

/** What Ink takes for a terminal: hands its frames to the painter. */
class FrameStream extends EventEmitter {
  readonly #painter: Painter;
  readonly #size: () => ScreenSize;

  constructor(painter: Painter, size: () => ScreenSize) {
    super();
    this.#painter = painter;
    this.#size = size;
  }

  get columns(): number {
    return this.#size().columns;
  }

  get rows(): number {
    return this.#size().rows;
  }

  write(frame: string): boolean {
    this.#painter.paint(frame);
    return true;
  }
}
