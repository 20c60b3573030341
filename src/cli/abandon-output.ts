/** Lets the process end although nobody takes the rest of its output: what is not taken within `graceMs` is given up. */
export function abandonOutputAfter(graceMs: number): void {
  if (process.stdout.writableLength > 0) setTimeout(() => process.exit(), graceMs).unref();
}
