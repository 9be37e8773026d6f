/** The report of a run over time as one self-contained HTML file: what happened, how many pods served, who decided what. */
import { type Axis, type Line, lineChart } from '../report/charts.ts';
import { type Frame, framePage } from '../report/frame.ts';
import { type Html, html } from '../report/html.ts';
import { CAUSE_WORDS, eventNote, recoveryText, timesText } from './describe.ts';
import type { ClusterRun, WorkloadResult } from './result.ts';
import { sinceText, spanText } from './world/time-text.ts';

export interface ClusterReport extends Frame {
  run: ClusterRun;
}

/** Workloads that get a chart of their own: those that lacked most. */
const MOST_CHARTS = 12;
const MOST_LOG_ROWS = 1000;
const MOST_WAITING = 50;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function renderClusterPage(report: ClusterReport): string {
  const { run } = report;
  return framePage(report, 'The same objects, scenario and seed give the same run, to the byte.', [
    eventsSection(run),
    podsSection(run),
    workloadsSection(run),
    waitingSection(run),
    limitsSection(run),
    logSection(run),
    modelSection(run),
  ]);
}

function eventsSection({ events }: ClusterRun): Html | null {
  if (events.length === 0) return null;
  return html`<section>
<h2>What happened</h2>
<p class="soft">Whole again: every workload has as many pods serving as it asks for, and no rollout is under way. A pod serves when it is ready and its node has power; the API learns of lost power 40 to 50 seconds later.</p>
<div class="panel scroll" tabindex="0" role="region" aria-label="Events"><table>
<thead><tr><th scope="col">At</th><th scope="col" class="left">Event</th><th scope="col">Whole again after</th><th scope="col" class="left">What came of it</th></tr></thead>
<tbody>${events.map(
    (event) =>
      html`<tr><th scope="row">${sinceText(event.atMs)}</th><td class="left wrap">${event.text}</td><td>${recoveryText(event.recoveredMs)}</td><td class="left wrap">${eventNote(event)}</td></tr>`,
  )}</tbody></table></div>
</section>`;
}

// --- charts ----------------------------------------------------------------------------------------------------------

function podsSection(run: ClusterRun): Html {
  const { counts } = run.timeline;
  const sum = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value + b[i]);
  const lines = [
    { name: 'ready', tone: 2, values: counts.ready },
    { name: 'serving', tone: 4, values: counts.serving },
    { name: 'not ready', tone: 1, values: sum(counts.starting, counts.running) },
    { name: 'pending', tone: 7, values: counts.pending },
    { name: 'terminating', tone: 3, values: counts.terminating },
  ];
  const most = run.workloads
    .map((workload, i) => ({ workload, i }))
    .sort((a, b) => b.workload.missingPodMs - a.workload.missingPodMs)
    .slice(0, MOST_CHARTS);
  const left = run.workloads.length - most.length;
  return html`<section>
<h2>Pods over time</h2>
<p class="soft">Upright lines are the events. Pending: without a node. Not ready: on a node, and not ready yet or any more. Ready is what the API says, serving what clients find.
In the charts of workloads the dotted line is what is asked for, and the band reaches down to the fewest that served meanwhile.${left > 0 && ` The ${left} workloads that lacked least have none.`}</p>
<div class="charts">
${chartOf(
  run,
  'pods',
  'All pods',
  lines.map(({ name, tone, values }) => ({ name, tone, points: pointsOf(run, values) })),
)}
${most.map(({ workload, i }) => workloadChart(run, workload, i))}
</div>
</section>`;
}

function workloadChart(run: ClusterRun, { name, leastServing }: WorkloadResult, i: number): Html {
  const { desired, serving, leastServing: least, pods } = run.timeline.workloads[i];
  const points = pointsOf(run, serving);
  const band = points.map(({ x, y }, k) => ({ x, low: least[k], high: y }));
  const lines: Line[] = [
    { name: 'all pods', tone: 0, points: pointsOf(run, pods) },
    { name: 'serving', tone: 4, points, band },
    { name: 'asked for', tone: 0, points: pointsOf(run, desired), published: true },
  ];
  return chartOf(run, `workload-${i}`, name, lines, `At the least ${leastServing ?? 0} served.`);
}

function chartOf(run: ClusterRun, id: string, title: string, lines: Line[], more = ''): Html {
  const { toX, label } = axisOf(run);
  const top = Math.max(1, ...lines.flatMap(({ points }) => points.map(({ y }) => y)));
  const x: Axis = { label, from: 0, to: toX(run.durationMs) };
  const y: Axis = { label: 'pods', from: 0, to: Math.ceil(top * 1.08) };
  const ends = lines
    .filter(({ published }) => !published)
    .map(({ name, points }) => `${name} ${points.at(-1)?.y ?? 0}`);
  const summary = `At the end: ${ends.join(', ')}. ${more}`;
  const marks = run.events.map(({ atMs, text }) => ({ x: toX(atMs), words: `${sinceText(atMs)} ${text}` }));
  return html`<figure class="panel"><h3>${title}</h3>${lineChart({ id, title, summary, x, y, lines, marks })}</figure>`;
}

function pointsOf(run: ClusterRun, values: readonly number[]): { x: number; y: number }[] {
  const { toX } = axisOf(run);
  return values.map((y, i) => ({ x: toX(i * run.timeline.stepMs), y }));
}

function axisOf({ durationMs }: ClusterRun): { toX(ms: number): number; label: string } {
  const [unitMs, label] = durationMs > 4 * HOUR_MS ? [HOUR_MS, 'hours'] : [MINUTE_MS, 'minutes'];
  return { toX: (ms) => ms / unitMs, label };
}

// --- tables ----------------------------------------------------------------------------------------------------------

function workloadsSection({ workloads }: ClusterRun): Html | null {
  if (workloads.length === 0) return null;
  return html`<section>
<h2>Workloads</h2>
<p class="soft">From the moment on when all their pods served for the first time. Missing: pods that were asked for and did not serve, times how long.</p>
<div class="panel scroll tall" tabindex="0" role="region" aria-label="Workloads"><table>
<thead><tr><th scope="col">Workload</th><th scope="col">Asked for</th><th scope="col">Serving at the end</th><th scope="col">Fewest that served</th><th scope="col">Most pods at a time</th><th scope="col">Time with too few</th><th scope="col">Missing, pod minutes</th></tr></thead>
<tbody>${workloads.map(
    (one) =>
      html`<tr><th scope="row">${one.name}</th><td>${one.desired}</td><td>${one.serving < one.desired ? html`<span class="outside">${one.serving}</span>` : one.serving}</td><td>${one.leastServing ?? 'never whole'}</td><td>${one.mostPods}</td><td>${spanText(one.lackingMs)}</td><td>${(one.missingPodMs / MINUTE_MS).toFixed(1)}</td></tr>`,
  )}</tbody></table></div>
</section>`;
}

function waitingSection({ waiting }: ClusterRun): Html | null {
  if (waiting.length === 0) return null;
  const more = waiting.length > MOST_WAITING ? ` The first ${MOST_WAITING}:` : '';
  return html`<section>
<h2>Pods that wait for a node at the end</h2>
<p class="soft">${waiting.length} of them, in the scheduler's words.${more}</p>
<div class="panel scroll tall" tabindex="0" role="region" aria-label="Waiting pods"><table>
<thead><tr><th scope="col">Pod</th><th scope="col" class="left">Why</th></tr></thead>
<tbody>${waiting.slice(0, MOST_WAITING).map(({ pod, why }) => html`<tr><th scope="row">${pod}</th><td class="left wrap">${why}</td></tr>`)}</tbody></table></div>
</section>`;
}

function limitsSection({ violations, evictions, reschedules, restarts }: ClusterRun): Html {
  const { maxSurge, maxUnavailable, disruptionBudgets } = violations;
  const rows: [string, readonly string[]][] = [
    ['maxSurge of Deployments', maxSurge],
    ['maxUnavailable of Deployments', maxUnavailable],
    ['Disruption budgets, by evictions', disruptionBudgets],
  ];
  const causes = Object.entries(CAUSE_WORDS).map(([cause, words]) => [
    words,
    evictions[cause as keyof typeof evictions],
  ]);
  return html`<section>
<h2>Limits and disruptions</h2>
<p class="soft">A checker apart from the controllers looked at every write.</p>
<div class="charts">
<div class="panel scroll"><table><thead><tr><th scope="col">Limit</th><th scope="col">Times passed</th></tr></thead>
<tbody>${rows.map(
    ([name, words]) =>
      html`<tr><th scope="row">${name}</th><td>${words.length === 0 ? html`<span class="within">✓ never</span>` : html`<span class="outside" title="${words[0]}">✗ ${words.length}</span>`}</td></tr>`,
  )}</tbody></table></div>
<div class="panel scroll"><table><thead><tr><th scope="col">Pods</th><th scope="col">Count</th></tr></thead>
<tbody>${causes.map(([words, count]) => html`<tr><th scope="row">taken ${words}</th><td>${count}</td></tr>`)}
<tr><th scope="row">ready in their place</th><td>${reschedules.count}${reschedules.medianMs !== null && html`<span class="sub">median ${spanText(reschedules.medianMs)}, longest ${spanText(reschedules.longestMs ?? 0)}</span>`}</td></tr>
<tr><th scope="row">containers started anew</th><td>${restarts}</td></tr></tbody></table></div>
</div>
</section>`;
}

function logSection({ log }: ClusterRun): Html {
  const shown = log.slice(0, MOST_LOG_ROWS);
  const cut = log.length > shown.length ? ` The first ${shown.length}; -o json has all.` : '';
  return html`<section>
<h2>Decisions</h2>
<p class="soft">${log.length.toLocaleString('en')} decisions of the scheduler, the controllers and users, with their reasons.${cut}</p>
<div class="panel scroll tall" tabindex="0" role="region" aria-label="Decisions"><table>
<thead><tr><th scope="col">At</th><th scope="col" class="left">By</th><th scope="col" class="left">What</th><th scope="col" class="left">About</th><th scope="col" class="left">Why</th></tr></thead>
<tbody>${shown.map(
    ({ atMs, by, object, what, why }) =>
      html`<tr><td>${sinceText(atMs)}</td><td class="left">${by}</td><td class="left">${what}</td><td class="left">${object}</td><td class="left wrap">${why}</td></tr>`,
  )}</tbody></table></div>
</section>`;
}

function modelSection({ times, start }: ClusterRun): Html {
  return html`<section>
<h2>What is made up</h2>
<p>The controllers and the scheduler are the ones that run a cluster; machines, containers and time are made up. ${timesText(times)}.
Kubelets renew their leases every 10 seconds; a node without power loses its containers and starts them anew when it is back, and a container that ends again and again is started after 0, 10, 20, … 300 seconds.
A change is observed after 1 to 10 ms and a write takes 1 to 5 ms; the scheduler tries a thousand pods a second. Everything is drawn from the seed. The clock began at ${start}.</p>
</section>`;
}
