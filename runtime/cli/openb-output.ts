/** Runs of OpenB workloads as a table beside published figures, and as JSON. */
import pc from 'picocolors';
import type { OpenbRun } from '../../sim/openb/run.ts';
import type { Comparison, Metric } from '../../sim/report/report.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const SHORT: Record<Metric, string> = {
  alloc_pct: 'allocated %',
  frag_pct_of_total: 'frag % of total',
  frag_pct_of_idle: 'frag % of idle',
};

/** One row per policy and point; `workloads` adds their names in front. */
export function comparisonTable(rows: readonly Comparison[], terminal: Terminal, workloads: boolean): string {
  const { green, red } = pc.createColors(terminal.colour);
  const head = ['policy', 'metric', 'arrived %', 'own mean', '± std', 'published', 'difference', 'within'];
  const cells = rows.map((row) => {
    const { published, within, tolerance = 0 } = row;
    const verdict = within ? green('yes') : red(`no (> ${tolerance.toFixed(2)})`);
    const values = [
      row.policy,
      SHORT[row.metric],
      String(row.arrivedPct),
      row.mean.toFixed(2),
      row.seeds > 1 ? row.std.toFixed(2) : '-',
      published === undefined ? '-' : published.toFixed(2),
      published === undefined ? '-' : signed(row.mean - published),
      within === undefined ? '-' : verdict,
    ];
    return workloads ? [row.workload, ...values] : values;
  });
  const align = (title: string): 'left' | 'right' =>
    ['arrived %', 'own mean', '± std', 'published', 'difference'].includes(title) ? 'right' : 'left';
  const heads = workloads ? ['workload', ...head] : head;
  return formatTable(heads, cells, terminal.width, heads.map(align));
}

/** One row per run: where it ended, and the beginning of its log's hash. */
export function runsTable(runs: readonly OpenbRun[], terminal: Terminal): string {
  const head = ['policy', 'seed', 'arrived', 'scheduled', 'allocated %', 'fragments %', 'of idle %', 'log hash'];
  const last = (values: readonly number[]): string => values[values.length - 1].toFixed(2);
  const rows = runs.map(({ policy, seed, arrived, scheduled, series, hash }) => [
    policy,
    String(seed),
    String(arrived),
    String(scheduled),
    last(series.alloc_pct),
    last(series.frag_pct_of_total),
    last(series.frag_pct_of_idle),
    hash.slice(0, 12),
  ]);
  const align = head.map((_, i): 'left' | 'right' => (i === 0 || i === head.length - 1 ? 'left' : 'right'));
  return formatTable(head, rows, terminal.width, align);
}

function signed(value: number): string {
  const text = Math.abs(value).toFixed(2);
  return text === '0.00' ? text : `${value < 0 ? '-' : '+'}${text}`;
}

/** The shape that `simulate --nodes --pods -o json` promises for each run. */
export function runAsJson({ policy, seed, hash, series, arrived, scheduled }: OpenbRun): object {
  return { policy, seed, hash, arrived, scheduled, series };
}

/** '42..51', or the seeds one by one. */
export function seedsAsText(seeds: readonly number[]): string {
  const consecutive = seeds.length > 2 && seeds.every((seed, i) => i === 0 || seed === seeds[i - 1] + 1);
  return consecutive ? `${seeds[0]}..${seeds[seeds.length - 1]}` : seeds.join(',');
}
