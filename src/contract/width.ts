import stringWidth from 'string-width';

/** That which is printable in ASCII, and the signs that the dashboard itself draws with. */
const ONE_COLUMN_EACH = /^[\x20-\x7e…›▏●─-▟▴▾]*$/;

/** Is each of its characters one column wide in every terminal? Most text is, which saves looking closely. */
export function isOneColumnEach(text: string): boolean {
  return ONE_COLUMN_EACH.test(text);
}

/** How many columns of a terminal a text takes: two for many an Asian sign or emoji, none for a mark over a letter. */
export function widthOf(text: string): number {
  return isOneColumnEach(text) ? text.length : stringWidth(text);
}

/** `padEnd` by columns. */
export function padColumns(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Rows whose cells line up, two spaces apart. Cells must be printable. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, at) => padColumns(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
