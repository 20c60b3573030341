// Medians, ratios, and how they look.

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * The median of each figure of each server, and of the ratios within each round, which a machine that is busy for a while
 * moves less than it moves the figures.
 */
export function summarize({ name, title, unit, metric, goals = {} }, samples) {
  const servers = Object.keys(samples);
  const figures = Object.fromEntries(
    servers.map((server) => {
      const names = Object.keys(samples[server][0]);
      return [server, Object.fromEntries(names.map((each) => [each, median(samples[server].map((one) => one[each]))]))];
    }),
  );
  const ratios = Object.fromEntries(
    servers.slice(1).map((server) => {
      const ours = samples.rtserver;
      return [server, median(samples[server].map((other, round) => ours[round][unit] / other[unit]))];
    }),
  );
  return { name, title, unit, metric, figures, ratios, goals, samples };
}

export function renderTable(lanes) {
  const rows = lanes.map(({ title, unit, metric, figures, ratios, goals }) => {
    const figure = (server) =>
      figures[server] === undefined ? '' : figures[server][unit].toFixed(unit === 'us' ? 2 : 1);
    const ratio = (server) => {
      if (ratios[server] === undefined) return '';
      const mark =
        goals[server] === undefined ? '' : ` (${goals[server]}${ratios[server] <= goals[server] ? '' : ', missed'})`;
      return ratios[server].toFixed(2) + mark;
    };
    const other = ['express', 'ws'].find((server) => ratios[server] !== undefined) ?? 'ws';
    const name = other === 'express' ? ' bare route' : '';
    return [
      `${title}, ${metric}`,
      unit,
      figure('rtserver'),
      figure('stock'),
      figure(other) + name,
      ratio('stock'),
      ratio(other),
    ];
  });
  const head = ['lane', 'unit', 'rtserver', 'stock', 'raw ws', 'to stock (goal)', 'to raw (goal)'];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}
