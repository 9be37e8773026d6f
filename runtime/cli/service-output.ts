/** Simulated services as a table and as JSON. */
import { describeScenario, eventText, scenarioAsJson } from '../../sim/service/describe.ts';
import { type Column, count, milliseconds, percent, shareOf, zoneColumns } from '../../sim/service/page.ts';
import type { ServiceRun } from '../../sim/service/result.ts';
import type { Scenario } from '../../sim/service/scenario.ts';
import { type PolicySummary, summarize } from '../../sim/service/summary.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** A line for the scenario, and one for its events where there are some. */
export function scenarioText(scenario: Scenario): string {
  const events = scenario.events.map(eventText);
  const more = events.length > 4 ? `, and ${events.length - 4} more` : '';
  return describeScenario(scenario) + (events.length > 0 ? `; ${events.slice(0, 4).join(', ')}${more}` : '');
}

/** One row a policy, means over its seeds. Columns that would say nothing are left out. */
export function serviceTable(runs: readonly ServiceRun[], { width }: Terminal): string {
  const summaries = summarize(runs);
  const retried = summaries.some(({ retries }) => retries > 0);
  const failed = summaries.some((one) => one.failed > 0);
  const kinds = [...new Set(summaries.flatMap(({ moves }) => moves.map(({ kind }) => kind)))];
  const zones = zoneColumns(summaries);
  const columns: Column[] = [
    { head: 'policy', cell: ({ policy }) => policy },
    { head: 'mean', cell: ({ mean }) => milliseconds(mean) },
    { head: 'p50', cell: ({ p50 }) => milliseconds(p50) },
    { head: 'p99', cell: ({ p99 }) => milliseconds(p99) },
    { head: 'p99.9', cell: ({ p999 }) => milliseconds(p999) },
    { head: 'busy', cell: ({ busyImbalance }) => busyImbalance.toFixed(2) },
    { head: 'even', cell: ({ requestImbalance }) => requestImbalance.toFixed(2) },
    { head: 'peak', cell: ({ peak }) => String(peak) },
    ...(retried ? [{ head: 'retries', cell: ({ retries }: PolicySummary) => count(retries) }] : []),
    ...(failed ? [{ head: 'failed', cell: (one: PolicySummary) => count(one.failed) }] : []),
    ...kinds.map((kind) => ({ head: kind, cell: (summary: PolicySummary) => percent(shareOf(summary, kind)) })),
  ];
  const legend =
    'latency in ms; busy, even: busy share and answers a second, greatest over mean of the servers;\n' +
    'peak: the most at one server at a time' +
    (retried ? '; retries: sent once more' : '') +
    (kinds.length > 0 ? `\n${kinds.join(', ')}: clients that a change of the servers sent elsewhere` : '') +
    (zones.length > 0
      ? '\nlocal: answered in the zone of the client; p99: of its clients; busy: its servers, of their time'
      : '');
  const tables = [columns, ...(zones.length > 0 ? [[columns[0], ...zones]] : [])];
  return `${tables.map((own) => tableOf(own, summaries, width)).join('\n')}\n${legend}\n`;
}

function tableOf(columns: readonly Column[], summaries: readonly PolicySummary[], width: number): string {
  return formatTable(
    columns.map(({ head }) => head),
    summaries.map((summary) => columns.map(({ cell }) => cell(summary))),
    width,
    columns.map((_, i): 'left' | 'right' => (i === 0 ? 'left' : 'right')),
  );
}

export function serviceAsJson(scenario: Scenario, seeds: readonly number[], runs: readonly ServiceRun[]): object {
  return { seeds, scenario: scenarioAsJson(scenario), policies: summarize(runs), runs };
}
