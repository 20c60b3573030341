const MS_OF: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const BYTES_OF: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1_000,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** Node's timers take a longer time for none at all. */
export const LONGEST_TIMER_MS = 2_147_483_647;

/** `500ms`, `60s`, `1.5m`, `1h`, `2d`, or a bare number of milliseconds. `undefined` where it is none of these. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, MS_OF, 'ms');
}

/** `100kB`, `1MiB`, or a bare number of bytes. `undefined` where it is none of these. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, BYTES_OF, 'B');
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>, bare: string): number | undefined {
  const groups = /^(?<amount>\d+(?:\.\d+)?)\s*(?<unit>[A-Za-z]*)$/.exec(text.trim())?.groups;
  if (groups === undefined) return undefined;
  const unit = groups['unit'] || bare;
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return factor === undefined ? undefined : Math.round(Number(groups['amount']) * factor);
}

/** About how long, for people: `12s`, `3m`, `2h`, `4d`. */
export function formatRoughly(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  for (const unit of ['d', 'h', 'm'] as const) {
    const size = (MS_OF[unit] ?? 1) / 1_000;
    if (seconds >= size) return `${Math.round(seconds / size)}${unit}`;
  }
  return `${seconds}s`;
}

/** The shortest exact spelling: `90s`, `1h`, `500ms`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    const size = MS_OF[unit] ?? 1;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
