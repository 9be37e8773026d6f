/** The report of simulated policies as one self-contained HTML file: latency, load over the servers, disruption. */
import { type Frame, framePage } from '../report/frame.ts';
import { type Html, html } from '../report/html.ts';
import type { ServiceRun } from './result.ts';
import { type Dot, type Row, rowChart } from './row-chart.ts';
import { type PolicySummary, summarize, type ZoneSummary } from './summary.ts';

export interface ServiceReport extends Frame {
  runs: readonly ServiceRun[];
}

/** Dots of a row; of more servers, those at evenly spaced ranks. */
const MOST_DOTS = 120;
const TONES = 8;

export function renderServicePage(report: ServiceReport): string {
  const summaries = summarize(report.runs);
  return framePage(report, 'The same input and seeds give the same figures, to the byte.', [
    charts(report.runs, summaries),
    disruption(summaries),
    figures(summaries),
  ]);
}

function charts(runs: readonly ServiceRun[], summaries: readonly PolicySummary[]): Html {
  return html`<section>
<h2>How long requests take, and who works for it</h2>
<p class="soft">Left: from arrival to answer; from the lightest to the darkest dot the 50th, 90th, 99th and 99.9th percentile, averaged over the seeds.
Right: each dot is a server of the first seed, at the share of its time that it works; the closer together, the more even.</p>
<div class="charts">
<figure class="panel"><h3>Latency, ms</h3>${rowChart({
    id: 'latency',
    title: 'Latency by policy',
    summary: `99th percentile, ms: ${summaries.map(({ policy, p99 }) => `${policy} ${milliseconds(p99)}`).join(', ')}.`,
    label: 'ms; p50, p90, p99, p99.9',
    log: true,
    rows: summaries.map(latencyRow),
  })}</figure>
<figure class="panel"><h3>Work over the servers, %</h3>${rowChart({
    id: 'busy',
    title: 'Busy share of each server, by policy',
    summary: `Greatest over mean: ${summaries.map((one) => `${one.policy} ${one.busyImbalance.toFixed(2)}`).join(', ')}.`,
    label: '% of the time of its places',
    log: false,
    rows: summaries.map((summary, i) => busyRow(summary, i, runs)),
  })}</figure>
</div>
</section>`;
}

function latencyRow({ policy, p50, p90, p99, p999 }: PolicySummary, index: number): Row {
  const dots = [p50, p90, p99, p999].flatMap((value, i): Dot[] =>
    value === null ? [] : [{ value, shade: 0.4 + 0.2 * i, radius: 3 + 0.6 * i }],
  );
  return { name: policy, tone: index % TONES, dots, joined: true };
}

function busyRow({ policy }: PolicySummary, index: number, runs: readonly ServiceRun[]): Row {
  const servers = runs.find((run) => run.policy === policy)?.servers ?? [];
  const busy = servers.map((server) => 100 * server.busy).sort((a, b) => a - b);
  const count = Math.min(MOST_DOTS, busy.length);
  const dots = Array.from({ length: count }, (_, i): Dot => {
    return { value: busy[count === 1 ? 0 : Math.round((i * (busy.length - 1)) / (count - 1))], shade: 0.5, radius: 3 };
  });
  return { name: policy, tone: index % TONES, dots };
}

function disruption(summaries: readonly PolicySummary[]): Html | null {
  const kinds = [...new Set(summaries.flatMap(({ moves }) => moves.map(({ kind }) => kind)))];
  if (kinds.length === 0) return null;
  return html`<section>
<h2>Who is sent elsewhere</h2>
<p class="soft">Of the clients that asked both before and after a change of the servers: the share whose next request went to another server.
The upright mark is the least that had to move. Policies that look at no client move nearly all, at all times.</p>
<div class="charts">${kinds.map((kind) => {
    const changes = summaries[0].moves.find((move) => move.kind === kind)?.changes ?? 0;
    const title = kind === 'scale' ? 'Scale' : `Rollout, each of its ${changes} steps`;
    return html`<figure class="panel"><h3>${title}</h3>${rowChart({
      id: `moved-${kind}`,
      title: `Clients moved by a ${kind}`,
      summary: `Moved: ${summaries.map((one) => `${one.policy} ${percent(shareOf(one, kind))}`).join(', ')}.`,
      label: '% of the clients',
      log: false,
      rows: summaries.map((summary, i): Row => {
        const move = summary.moves.find((one) => one.kind === kind);
        const dots = typeof move?.share === 'number' ? [{ value: 100 * move.share }] : [];
        return { name: summary.policy, tone: i % TONES, dots, mark: 100 * (move?.least ?? 0) };
      }),
    })}</figure>`;
  })}</div>
</section>`;
}

export interface Column {
  head: string;
  cell(summary: PolicySummary): string;
}

function figures(summaries: readonly PolicySummary[]): Html {
  const kinds = [...new Set(summaries.flatMap(({ moves }) => moves.map(({ kind }) => kind)))];
  const latency: Column[] = [
    { head: 'mean, ms', cell: ({ mean }) => milliseconds(mean) },
    { head: 'p50', cell: ({ p50 }) => milliseconds(p50) },
    { head: 'p90', cell: ({ p90 }) => milliseconds(p90) },
    { head: 'p99', cell: ({ p99 }) => milliseconds(p99) },
    { head: 'p99.9', cell: ({ p999 }) => milliseconds(p999) },
  ];
  const balance: Column[] = [
    { head: 'busy, max/mean', cell: ({ busyImbalance }) => busyImbalance.toFixed(2) },
    { head: 'answers a second, max/mean', cell: ({ requestImbalance }) => requestImbalance.toFixed(2) },
    { head: 'most at one server', cell: ({ peak }) => count(peak) },
    { head: 'sent again', cell: ({ retries }) => count(retries) },
    { head: 'failed', cell: ({ failed }) => count(failed) },
    ...kinds.map((kind) => ({ head: `moved by ${kind}`, cell: (one: PolicySummary) => percent(shareOf(one, kind)) })),
  ];
  const zones = zoneColumns(summaries);
  return html`<section>
<h2>All figures</h2>
<p class="soft">Means over the seeds; “most at one server” is the highest of all. Max/mean compares the servers: 1 is perfectly even.</p>
${figuresTable('Latency', latency, summaries)}
<p></p>
${figuresTable('Balance', balance, summaries)}
${zones.length > 0 ? html`<p></p>${figuresTable('Zones', zones, summaries)}` : null}
</section>`;
}

/** What tables show of zones; none where there are none. */
export function zoneColumns(summaries: readonly PolicySummary[]): Column[] {
  return (summaries[0]?.zones ?? []).flatMap(({ zone }, z) => {
    const of =
      (text: (figures: ZoneSummary) => string) =>
      ({ zones }: PolicySummary): string =>
        text(zones[z]);
    return [
      { head: `${zone}: local`, cell: of(({ local }) => percent(local)) },
      { head: `${zone}: p99`, cell: of(({ p99 }) => milliseconds(p99)) },
      { head: `${zone}: busy`, cell: of(({ busy }) => percent(busy)) },
    ];
  });
}

function figuresTable(title: string, columns: readonly Column[], summaries: readonly PolicySummary[]): Html {
  return html`<div class="panel scroll" tabindex="0" role="region" aria-label="${title} by policy"><table>
<thead><tr><th scope="col">${title}</th>${columns.map(({ head }) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${summaries.map(
    (one, index) =>
      html`<tr><th scope="row"><span class="swatch tone-${index % TONES}"></span>${one.policy}</th>${columns.map(({ cell }) => html`<td>${cell(one)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

export function shareOf({ moves }: PolicySummary, kind: string): number | null {
  return moves.find((move) => move.kind === kind)?.share ?? null;
}

/** Three digits that count; '-' for none. */
export function milliseconds(value: number | null): string {
  if (value === null) return '-';
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

export function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)}%`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
