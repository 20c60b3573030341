const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** About how long, for people: `12s`, `3m`, `2h`. */
export function roughly(ms: number): string {
  const rounded = Math.round(ms / 1_000) * 1_000;
  const [unit, size] = UNITS.find(([, each]) => rounded >= each) ?? ['s', 1_000];
  return `${Math.max(0, Math.round(rounded / size))}${unit}`;
}
