const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Ctrl-C and its kin, as a signal that a command can wait for. */
export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** The tidy end has begun for another reason: the next signal counts as the second. */
  begin(): void;
  /** Called by the second signal, before the process goes. One listener. */
  onSecond(listener: () => void): void;
  /** Stops listening. Safe twice. */
  close(): void;
}

/**
 * Listens for SIGINT and SIGTERM. The first one asks for a tidy end. The second one takes the process down the way it would
 * have gone without us, which a shell reports as 130: whoever presses Ctrl-C twice does not want to wait for a tidy end.
 */
export function createInterrupt(): Interrupt {
  const controller = new AbortController();
  let onSecond = () => {};

  function onSignal(): void {
    if (controller.signal.aborted) {
      close();
      onSecond();
      // The first process of a container: no signal takes that down by itself.
      if (process.pid === 1) process.exit(130);
      process.kill(process.pid, 'SIGINT');
    }
    controller.abort();
  }

  function close(): void {
    for (const name of SIGNALS) process.off(name, onSignal);
  }

  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    begin: () => controller.abort(),
    close,
    onSecond(listener) {
      onSecond = listener;
    },
  };
}

/**
 * For a process that another one has started, with whose end it ends: what is typed at the terminal, or sent to all of a
 * service, is the parent's to answer. Without the parent it ends at once.
 */
export function leaveSignalsToParent(): { leave(): void } {
  for (const name of SIGNALS) process.on(name, () => {});
  const onOrphaned = () => process.exit(1);
  process.once('disconnect', onOrphaned);
  return {
    leave() {
      process.off('disconnect', onOrphaned);
      if (process.connected) process.disconnect();
    },
  };
}

/** Resolves when any of the signals is aborted. */
export function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}
