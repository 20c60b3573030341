import stringWidth from 'string-width';

const COLOURS = { 31: '#ff7b72', 32: '#7ee787', 35: '#d2a8ff', 36: '#79c0ff' };
const [TEXT, DIM, PAPER] = ['#e6edf3', '#8b949e', '#0d1117'];
const [WIDTH, HEIGHT, MARGIN] = [8.4, 18, 16];

/** @param {string} text */
const toXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** @param {string} line with the escape sequences of one row @param {number} row */
function drawLine(line, row) {
  let style = { colour: TEXT, bold: false, inverse: false };
  let column = 0;
  const parts = [];
  const y = MARGIN + row * HEIGHT;
  for (const [, codes, text] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (text === undefined) {
      for (const code of (codes || '0').split(';').map(Number)) {
        if (code === 0) style = { colour: TEXT, bold: false, inverse: false };
        else if (code === 1) style = { ...style, bold: true };
        else if (code === 2) style = { ...style, colour: DIM };
        else if (code === 7) style = { ...style, inverse: true };
        else if (code in COLOURS) style = { ...style, colour: COLOURS[/** @type {31} */ (code)] };
        else if (code === 39) style = { ...style, colour: TEXT };
      }
      continue;
    }
    const columns = stringWidth(text);
    const x = (MARGIN + column * WIDTH).toFixed(1);
    column += columns;
    const { colour, bold, inverse } = style;
    if (inverse)
      parts.push(`<rect x="${x}" y="${y}" width="${(columns * WIDTH).toFixed(1)}" height="${HEIGHT}" fill="${TEXT}"/>`);
    if (text.trim() === '') continue;
    // Given its length, so that the columns line up whatever font there is.
    const fit = `textLength="${(columns * WIDTH).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
    const fill = `fill="${inverse ? PAPER : colour}"${bold ? ' font-weight="bold"' : ''}`;
    parts.push(`<text x="${x}" y="${y + 13.5}" ${fit} ${fill} xml:space="preserve">${toXml(text)}</text>`);
  }
  return parts.join('');
}

/**
 * What stands on a terminal, with its escape sequences, as SVG.
 *
 * @param {string} screen @param {number} columns @param {number} rows @param {string} label for those who do not see it
 */
export function drawScreen(screen, columns, rows, label) {
  const [width, height] = [columns * WIDTH + 2 * MARGIN, rows * HEIGHT + 2 * MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${toXml(label)}">`,
    `<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">',
    ...screen.split('\n').slice(0, rows).map(drawLine),
    '</g></svg>',
    '',
  ].join('\n');
}
