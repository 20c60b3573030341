import { basename } from 'node:path';
import { formatDuration } from '../../contract/units.ts';
import { largest, showMs } from '../quantity.ts';
import type { CheckResult, LoadResult, TimelinePoint } from '../result.ts';
import { escapeMarkup } from './escape.ts';
import { renderDistribution, renderLines } from './plots.ts';
import { STYLE } from './style.ts';
import { BOTTLENECK, figuresOf, rowsOf, stateOf } from './table.ts';

const WORDS = { passed: 'Passed', failed: 'Failed', interrupted: 'Interrupted' } as const;

/** One file with everything in it: no script, no font, no picture from elsewhere. */
export function renderHtml(result: LoadResult): string {
  const { verdict, scenario, reasons, answers = [], generator } = result;
  const title = `${WORDS[verdict]}: ${basename(scenario.file)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header class="${verdict}">
<p class="kicker">rtserver load · ${escapeMarkup(basename(scenario.file))}</p>
<h1><span class="badge">${WORDS[verdict]}</span>${escapeMarkup(scenario.question ?? basename(scenario.file))}</h1>
${answers.map((answer) => `<p class="answer">${escapeMarkup(answer)}</p>`).join('')}
${reasons.length === 0 ? '' : `<ul class="reasons">${reasons.map((reason) => `<li>${escapeMarkup(reason)}</li>`).join('')}</ul>`}
${generator.isBottleneck ? `<p class="warning">${BOTTLENECK}</p>` : ''}
<p class="meta">${escapeMarkup(metaOf(result))}</p>
</header>
${renderTiles(result)}
<section><h2>Expectations</h2>${renderChecks(result)}</section>
${renderThresholds(result)}
${renderPlots(result)}
<section><h2>Figures</h2><table class="facts"><tbody>
${figuresOf(result)
  .map(([name, text]) => `<tr><th scope="row">${escapeMarkup(name)}</th><td>${escapeMarkup(text)}</td></tr>`)
  .join('\n')}
</tbody></table></section>
<footer>${escapeMarkup(footerOf(result))}</footer>
</main>
</body>
</html>
`;
}

function metaOf({ startedAt, durationMs, server }: LoadResult): string {
  const whose = server.startedForTheRun ? 'a server started for the run' : server.url;
  const when = `${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)} UTC`;
  return `${when} · ${(durationMs / 1_000).toFixed(1)} s · against ${whose}`;
}

function renderTiles(result: LoadResult): string {
  const rows = rowsOf(result);
  const held = rows.filter((check) => stateOf(check) === 'passed').length;
  const peak = largest(result.timeline.map(mostOpen));
  const { ack, delivery } = result.latencies;
  const tiles: [string, string][] = [
    [`${held} / ${rows.length}`, 'expectations held'],
    [result.counts.connects.toLocaleString('en-US'), 'connections made'],
    ...(peak > 0 ? [[peak.toLocaleString('en-US'), 'connected at once'] as [string, string]] : []),
    [result.counts.received.toLocaleString('en-US'), 'events received'],
    ...(ack === undefined ? [] : [[showMs(ack.p95), 'p95 of acknowledgements'] as [string, string]]),
    ...(delivery === undefined ? [] : [[showMs(delivery.p95), 'p95 of delivery'] as [string, string]]),
  ];
  const html = tiles.map(
    ([value, label]) => `<div class="tile"><b>${escapeMarkup(value)}</b><span>${escapeMarkup(label)}</span></div>`,
  );
  return `<div class="tiles">${html.join('')}</div>`;
}

function renderChecks(result: LoadResult): string {
  const rows = rowsOf(result).map(renderCheck).join('\n');
  return `<table class="checks"><thead><tr><th></th><th>expectation</th><th class="n">passed</th><th class="n">failed</th></tr></thead><tbody>
${rows}
</tbody></table>`;
}

const SIGNS = { passed: '✓', failed: '✗', 'not reached': '–' } as const;

function renderCheck(check: CheckResult): string {
  const state = stateOf(check);
  const examples =
    check.examples.length === 0
      ? ''
      : `<ul class="examples">${check.examples.map((example) => `<li>${escapeMarkup(example)}</li>`).join('')}</ul>`;
  const counts =
    state === 'not reached'
      ? '<td class="n quiet" colspan="2">not reached</td>'
      : `<td class="n">${show(check.passed)}</td><td class="n">${show(check.failed)}</td>`;
  const sign = `<td class="sign" aria-label="${state}">${SIGNS[state]}</td>`;
  return `<tr class="${state.replace(' ', '-')}">${sign}<td>${escapeMarkup(check.name)}${examples}</td>${counts}</tr>`;
}

function renderThresholds({ thresholds }: LoadResult): string {
  if (thresholds.length === 0) return '';
  const rows = thresholds.map(({ expression, isMet, isStrict, problem }) => {
    const state = isMet ? 'passed' : 'failed';
    const optional = isStrict ? '' : ' <span class="quiet">optional</span>';
    const why = problem === undefined ? '' : `<ul class="examples"><li>${escapeMarkup(problem)}</li></ul>`;
    return `<tr class="${state}"><td class="sign" aria-label="${state}">${SIGNS[state]}</td><td><code>${escapeMarkup(expression)}</code>${optional}${why}</td></tr>`;
  });
  return `<section><h2>Thresholds</h2><table class="checks"><tbody>${rows.join('\n')}</tbody></table></section>`;
}

function renderPlots({ timeline, latencies }: LoadResult): string {
  // From the first thing that happened: before it, Artillery was starting.
  const from = timeline[0]?.second ?? 0;
  const seconds = timeline.map(({ second }) => second - from);
  const until = Math.max(1, seconds.at(-1) ?? 1);
  const perSecond = (name: string, key: 'received' | 'acks' | 'connects' | 'refusals') => ({
    name,
    y: timeline.map((point) => point[key] / (point.seconds ?? 1)),
  });
  const plots: string[] = [];
  if (timeline.length >= 2) {
    plots.push(
      renderLines({
        title: 'Connected sockets, the most at once',
        ...{ until, x: seconds },
        lines: [{ y: timeline.map(mostOpen) }],
        format: show,
      }),
      renderLines({
        title: 'Throughput, a second',
        ...{ until, x: seconds },
        lines: [
          perSecond('events received', 'received'),
          perSecond('acknowledgements', 'acks'),
          perSecond('connections', 'connects'),
          perSecond('attempts refused', 'refusals'),
        ].filter(({ y }) => largest(y) > 0),
        format: show,
      }),
    );
    for (const [key, title] of [
      ['ack', 'Acknowledgement latency'],
      ['delivery', 'Delivery latency'],
    ] as const) {
      const points = timeline.filter((point) => point[key] !== undefined);
      if (points.length < 2) continue;
      const lines = (['p50', 'p95', 'p99'] as const).map((name) => ({
        name,
        y: points.map((point) => point[key]?.[name] ?? 0),
      }));
      plots.push(renderLines({ title, until, x: points.map(({ second }) => second - from), lines, format: showMs }));
    }
  }
  for (const [key, title] of [
    ['ack', 'Acknowledgements by latency'],
    ['delivery', 'Deliveries by latency'],
    ['connect', 'Connections by latency'],
  ] as const) {
    const summary = latencies[key];
    if (summary !== undefined && summary.count >= 20) plots.push(renderDistribution(title, summary));
  }
  return plots.length === 0
    ? ''
    : `<section><h2>Over time, and spread</h2><div class="plots">${plots.join('\n')}</div></section>`;
}

function footerOf({ versions, machine, variables, scenario }: LoadResult): string {
  const { heartbeatTimeoutMs, connectionsPerUser } = variables as {
    heartbeatTimeoutMs?: number;
    connectionsPerUser?: number;
  };
  const limits = [
    connectionsPerUser === undefined ? '' : `${connectionsPerUser} connections a user`,
    heartbeatTimeoutMs === undefined ? '' : `heartbeat within ${formatDuration(heartbeatTimeoutMs)}`,
  ].filter(Boolean);
  return [
    ...limits,
    `rtserver ${versions.rtserver}, Artillery ${versions.artillery}, Node ${versions.node}`,
    `${machine.cpus} × ${machine.model || machine.platform}`,
    `scenario ${scenario.sha256.slice(0, 12)}`,
  ].join(' · ');
}

/** Reports from before it was counted know the end of each second alone. */
const mostOpen = ({ open, openMax = open }: TimelinePoint) => openMax;

const show = (count: number) => count.toLocaleString('en-US', { maximumFractionDigits: 1 });
