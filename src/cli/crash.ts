import type { Logger } from 'pino';

/** An error that nothing caught, as a signal that `start` ends by. */
export interface CrashWatch {
  /** Aborted by the first one, before it is logged. */
  readonly signal: AbortSignal;
  close(): void;
}

/**
 * Logs what nothing caught, rejections included, in one line each. The process is in an unknown state then: the first one
 * asks for a tidy end, and those that come while it lasts change nothing.
 */
export function watchCrashes(logger: Logger): CrashWatch {
  const controller = new AbortController();

  function onCrash(error: unknown): void {
    controller.abort();
    try {
      logger.fatal({ err: error }, 'server.failed');
    } catch {
      // What was thrown fights being looked at.
      logger.fatal({ err: { type: typeof error, message: 'an error that cannot be shown' } }, 'server.failed');
    }
  }

  process.on('uncaughtException', onCrash);
  return {
    signal: controller.signal,
    close: () => void process.off('uncaughtException', onCrash),
  };
}
