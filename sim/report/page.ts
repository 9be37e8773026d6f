/** The report as one self-contained HTML file: no script, nothing fetched, readable in light, dark, narrow and print. */
import { type Axis, type Line, lineChart } from './charts.ts';
import { framePage } from './frame.ts';
import { type Html, html } from './html.ts';
import { bandOf, policiesOf } from './numbers.ts';
import type { Comparison, ContainerTour, ExplainedPod, Metric, Report } from './report.ts';

const METRIC_TITLES: Record<Metric, string> = {
  alloc_pct: 'allocated',
  frag_pct_of_total: 'fragments, % of all GPUs',
  frag_pct_of_idle: 'fragments, % of idle GPUs',
};

export function renderPage(report: Report): string {
  return framePage(report, 'The same input and seeds give the same decisions, to the byte.', [
    curves(report),
    comparisonSection(report),
    report.explained && explainedSection(report.explained),
    report.containers && containersSection(report.containers),
  ]);
}

function curves(report: Report): Html {
  const arrived: Axis = { label: 'GPU demand arrived, % of the cluster', from: 0, to: 130 };
  const late: Axis = { ...arrived, from: 80 };
  const untilFull: Axis = { ...arrived, to: 90 };
  return html`<section>
<h2>How full, and how fragmented</h2>
<p class="soft">Pods arrive one by one, in a random order for each seed, until they have asked for 130 % of the GPUs; none leaves.
A GPU share is a fragment when the typical pods of this workload cannot use it.</p>
<p class="key"><span>${keySwatch('line')} mean over the seeds</span><span>${keySwatch('band')} lowest to highest seed</span><span>${keySwatch('line published')} published mean</span></p>
<div class="charts">
${chart(report, 'alloc_pct', 'GPUs allocated', arrived, 'alloc')}
${chart(report, 'alloc_pct', 'GPUs allocated, where the policies part', late, 'alloc-late')}
${chart(report, 'frag_pct_of_total', 'Fragments, in % of all GPUs', arrived, 'frag-total')}
${chart(report, 'frag_pct_of_idle', 'Fragments, in % of idle GPUs, until hardly any is left', untilFull, 'frag-idle')}
</div>
</section>`;
}

function keySwatch(kind: string): Html {
  const shape =
    kind === 'band'
      ? html`<rect class="band" x="0" y="1" width="34" height="10" rx="2"/>`
      : html`<path class="${kind}" d="M1 6H33"/>`;
  return html`<svg viewBox="0 0 34 12" aria-hidden="true">${shape}</svg>`;
}

function chart(report: Report, metric: Metric, title: string, x: Axis, id: string): Html {
  const lines = linesOf(report, metric, x);
  const ys = lines.flatMap(({ points, band }) => [
    ...points.map(({ y }) => y),
    ...(band ?? []).flatMap(({ low, high }) => [low, high]),
  ]);
  const lowest = ys.length > 0 ? Math.min(...ys) : 0;
  const y: Axis = {
    label: '%',
    from: x.from > 0 ? Math.floor(lowest / 5) * 5 : 0,
    to: metric === 'alloc_pct' && x.from === 0 ? 100 : Math.min(100, Math.ceil((Math.max(1, ...ys) + 0.5) / 2) * 2),
  };
  const ends = lines
    .filter(({ published, points }) => !published && points.length > 0)
    .map(({ name, points }) => `${name} ${points[points.length - 1].y.toFixed(1)}`);
  const summary = `At the right end, in percent: ${ends.join(', ')}.`;
  return html`<figure class="panel"><h3>${title}</h3>${lineChart({ id, title, summary, x, y, lines })}</figure>`;
}

function linesOf({ runs, published, publishedCurves = {} }: Report, metric: Metric, x: Axis): Line[] {
  return policiesOf(runs).flatMap((policy, index): Line[] => {
    const name = policy;
    const tone = index % 8;
    const band = bandOf(
      runs.filter((run) => run.policy === policy),
      metric,
    ).filter((point) => point.x >= x.from && point.x <= x.to);
    const own: Line = { name, tone, band, points: band.map((point) => ({ x: point.x, y: point.mean })) };
    const curve = publishedCurves[policy]?.[metric].map((y, percent) => ({ x: percent, y }));
    const given = published
      .filter((row) => row.policy === policy && row.metric === metric)
      .map(({ arrivedPct, mean }) => ({ x: arrivedPct, y: mean }))
      .sort((a, b) => a.x - b.x);
    const points = (curve ?? given).filter((point) => point.x >= x.from && point.x <= x.to);
    return points.length > 1 ? [own, { name, tone, points, published: true }] : [own];
  });
}

function comparisonSection({ comparisons, runs }: Report): Html | null {
  if (comparisons.length === 0) return null;
  const policies = policiesOf(runs);
  const columns = [...new Map(comparisons.map((row) => [`${row.metric} ${row.arrivedPct}`, row])).values()];
  const judged = comparisons.filter(({ within }) => within !== undefined);
  const within = judged.filter((row) => row.within).length;
  return html`<section>
<h2>Beside the published figures</h2>
<p class="soft">Own mean and standard deviation over the seeds; below it the published mean and the difference.
${within} of ${judged.length} are within max(0.5 points, 2 published standard deviations).</p>
<div class="panel scroll" tabindex="0" role="region" aria-label="Own figures beside the published ones"><table>
<thead><tr><th scope="col">Policy</th>${columns.map(
    ({ metric, arrivedPct }) => html`<th scope="col">${METRIC_TITLES[metric]} at ${arrivedPct} % arrived</th>`,
  )}</tr></thead>
<tbody>${policies.map(
    (policy, index) =>
      html`<tr><th scope="row"><span class="swatch tone-${index % 8}"></span>${policy}</th>${columns.map((column) =>
        comparisonCell(
          comparisons.find(
            (row) => row.policy === policy && row.metric === column.metric && row.arrivedPct === column.arrivedPct,
          ),
        ),
      )}</tr>`,
  )}</tbody></table></div>
</section>`;
}

function comparisonCell(row: Comparison | undefined): Html {
  if (!row) return html`<td>–</td>`;
  const own = html`${row.mean.toFixed(2)}${row.seeds > 1 && html` <span class="soft">± ${row.std.toFixed(2)}</span>`}`;
  if (row.published === undefined) return html`<td>${own}<span class="sub">none published</span></td>`;
  const difference = row.mean - row.published;
  const mark = row.within
    ? html`<span class="within" title="within ${(row.tolerance ?? 0).toFixed(2)} points">✓</span>`
    : html`<span class="outside" title="beyond ${(row.tolerance ?? 0).toFixed(2)} points">✗ outside</span>`;
  return html`<td>${own}<span class="sub">${row.published.toFixed(2)} (${signed(difference)}) ${mark}</span></td>`;
}

function signed(value: number): string {
  const text = Math.abs(value).toFixed(2);
  return text === '0.00' ? text : `${value < 0 ? '−' : '+'}${text}`;
}

function explainedSection({ pod, asks, message, counts, sample }: ExplainedPod): Html {
  const most = Math.max(1, ...counts.map(({ alone }) => alone));
  return html`<section>
<h2>Why one pod found no place</h2>
<p class="soft"><b>${pod}</b> asks for ${asks}. The scheduler says:</p>
<blockquote>${message}</blockquote>
<div class="panel scroll" tabindex="0" role="region" aria-label="Nodes by plugin and reason"><table>
<thead><tr><th scope="col">Plugin</th><th scope="col" class="left">Reason</th><th scope="col">Refused first by it</th><th scope="col">Refused by it at all</th><th scope="col" class="left"></th></tr></thead>
<tbody>${counts.map(
    ({ plugin, reason, nodes, alone }) =>
      html`<tr><th scope="row">${plugin}</th><td class="left wrap">${reason}</td><td>${nodes.toLocaleString('en')}</td><td>${alone.toLocaleString('en')}</td><td class="left"><span class="bar" style="width:${Math.round((140 * alone) / most)}px"></span></td></tr>`,
  )}</tbody></table></div>
${
  sample.length > 0 &&
  html`<h3 style="margin-top:18px">A few of the nodes</h3>
<div class="panel scroll" tabindex="0" role="region" aria-label="A few nodes and why each refused"><table>
<thead><tr><th scope="col">Node</th><th scope="col" class="left">Left on it</th><th scope="col" class="left">Refused by</th><th scope="col" class="left">Because</th></tr></thead>
<tbody>${sample.map(
    ({ node, has, plugin, reasons }) =>
      html`<tr><th scope="row">${node}</th><td class="left">${has}</td><td class="left">${plugin}</td><td class="left wrap">${reasons.join(', ')}</td></tr>`,
  )}</tbody></table></div>`
}
</section>`;
}

function containersSection({ engine, steps, outcome }: ContainerTour): Html {
  return html`<section>
<h2>A Deployment in real containers</h2>
<p class="soft">Three web servers behind a Service, on this machine and its ${engine}: brought up, called through the Service,
replaced by another version under load, and taken down.</p>
<div class="panel scroll" tabindex="0" role="region" aria-label="Steps and how long they took"><table>
<thead><tr><th scope="col">Step</th><th scope="col">Seconds</th></tr></thead>
<tbody>${steps.map(
    ({ what, tookMs }) => html`<tr><th scope="row">${what}</th><td>${(tookMs / 1000).toFixed(2)}</td></tr>`,
  )}</tbody></table></div>
<p>${outcome}</p>
</section>`;
}
