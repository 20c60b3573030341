export interface AnswerWatch {
  /** It has not answered for so long. Once for each silence. */
  onSilent(silentMs: number): void;
  /** It answers again, after so long. */
  onAnswered(silentMs: number): void;
  /** It stands still: what is meant for it would fill the memory. */
  onStuck(silentMs: number): void;
}

/** Asked so often. */
export const LOOK_MS = 5_000;
/** Questions without an answer. */
const SILENT_AFTER = 1;
const STUCK_AFTER = 6;

/** Looks whether a process still answers. Returns what ends the looking. */
export function watchAnswers(
  ask: () => Promise<unknown>,
  everyMs: number,
  { onSilent, onAnswered, onStuck }: AnswerWatch,
): () => void {
  let unanswered = 0;
  let answeredAt = performance.now();
  const silentMs = () => Math.round(performance.now() - answeredAt);

  function onAnswer(): void {
    const silent = silentMs();
    const wasSilent = unanswered > SILENT_AFTER;
    unanswered = 0;
    answeredAt = performance.now();
    if (wasSilent) onAnswered(silent);
  }

  const looking = setInterval(() => {
    if (unanswered === SILENT_AFTER) onSilent(silentMs());
    else if (unanswered === STUCK_AFTER) onStuck(silentMs());
    unanswered++;
    ask().then(onAnswer, () => {});
  }, everyMs);
  looking.unref();
  return () => clearInterval(looking);
}
