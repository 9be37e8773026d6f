/** Figures out of runs: means and bands over seeds, own beside published, and both as JSON and CSV. */
import type { Comparison, Metric, Published, Run } from './report.ts';

export interface BandPoint {
  x: number;
  mean: number;
  low: number;
  high: number;
}

/** Mean, lowest and highest over the runs of one policy, per percent arrived; percents without a value are left out. */
export function bandOf(runs: readonly Run[], metric: Metric): BandPoint[] {
  const length = Math.max(0, ...runs.map(({ series }) => series.arrived_pct.length));
  const points: BandPoint[] = [];
  for (let i = 0; i < length; i++) {
    const values = runs.map(({ series }) => series[metric][i]).filter((value) => typeof value === 'number');
    if (values.length === 0) continue;
    const x = runs.find(({ series }) => i < series.arrived_pct.length)?.series.arrived_pct[i] ?? i;
    points.push({ x, mean: meanOf(values), low: Math.min(...values), high: Math.max(...values) });
  }
  return points;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation; 0 for a single value. */
export function stdOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** Policies in order of first appearance. */
export function policiesOf(runs: readonly { policy: string }[]): string[] {
  return [...new Set(runs.map(({ policy }) => policy))];
}

/** Within max(0.5 points, 2 published standard deviations): the pass mark for a mean over ten seeds. */
export function toleranceOf(publishedStd: number): number {
  return Math.max(0.5, 2 * publishedStd);
}

/** One row for every policy and asked point, published or not. */
export function compare(
  workload: string,
  runs: readonly Run[],
  published: readonly Published[],
  points: readonly { metric: Metric; arrivedPct: number }[],
): Comparison[] {
  return policiesOf(runs).flatMap((policy) =>
    points.flatMap(({ metric, arrivedPct }): Comparison[] => {
      const values = runs
        .filter((run) => run.policy === policy)
        .map(({ series }) => series[metric][series.arrived_pct.indexOf(arrivedPct)])
        .filter((value) => typeof value === 'number');
      if (values.length === 0) return [];
      const own = {
        workload,
        policy,
        metric,
        arrivedPct,
        mean: meanOf(values),
        std: stdOf(values),
        seeds: values.length,
      };
      const other = published.find(
        (row) => row.policy === policy && row.metric === metric && row.arrivedPct === arrivedPct,
      );
      if (!other) return [own];
      const tolerance = toleranceOf(other.std);
      const within = Math.abs(own.mean - other.mean) <= tolerance;
      return [{ ...own, published: other.mean, publishedStd: other.std, tolerance, within }];
    }),
  );
}

/** All points of all runs, one row each. */
export function runsToCsv(runs: readonly Run[]): string {
  const rows = runs.flatMap(({ policy, seed, hash, series }) =>
    series.arrived_pct.map((arrived, i) =>
      [policy, seed, hash, arrived, series.alloc_pct[i], series.frag_pct_of_total[i], series.frag_pct_of_idle[i]]
        .map(csvField)
        .join(','),
    ),
  );
  return ['policy,seed,hash,arrived_pct,alloc_pct,frag_pct_of_total,frag_pct_of_idle', ...rows, ''].join('\n');
}

/** RFC 4180: quoted only where it must be. */
function csvField(value: string | number | null | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
