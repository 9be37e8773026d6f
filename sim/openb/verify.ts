/**
 * The proof against the published experiments: ten seeds of every workload and policy, and at six points of the curves
 * the difference of the means, which must be within half a point or two published deviations.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError, formatProblem, type Problem } from '../../core/index.ts';
import { type PolicyName, PUBLISHED_POLICIES } from '../policies/registry.ts';
import { compare } from '../report/numbers.ts';
import type { Comparison, Metric, Published } from '../report/report.ts';
import { CsvTable } from '../traces/csv-table.ts';
import { type OpenbTrace, readOpenb } from '../traces/openb.ts';
import { METRICS, openbPublished, openbTrace } from '../traces/openb-shapes.ts';
import { readText } from '../traces/read-text.ts';
import type { OpenbRun } from './run.ts';
import { type OpenbProgress, runTasks } from './simulate.ts';

export interface VerifyOptions {
  /**
   * Holds openb_node_list_gpu_node.csv, openb_pod_list_*.csv and expected/summary.csv. Without it the built-in table is
   * run against the published figures of `default`.
   */
  dataDir?: string;
  seeds?: readonly number[];
  policies?: readonly PolicyName[];
  threads?: number;
}

export interface Verification {
  comparisons: Comparison[];
  within: number;
  total: number;
  runs: { workload: string; runs: OpenbRun[] }[];
}

export const PUBLISHED_SEEDS: readonly number[] = Array.from({ length: 10 }, (_, i) => 42 + i);

export const VERIFIED_POINTS: readonly { metric: Metric; arrivedPct: number }[] = [
  { metric: 'alloc_pct', arrivedPct: 100 },
  { metric: 'alloc_pct', arrivedPct: 130 },
  { metric: 'frag_pct_of_total', arrivedPct: 50 },
  { metric: 'frag_pct_of_idle', arrivedPct: 50 },
  { metric: 'frag_pct_of_idle', arrivedPct: 80 },
  { metric: 'frag_pct_of_idle', arrivedPct: 90 },
];

interface Workload {
  name: string;
  trace: OpenbTrace;
  published: Published[];
}

/** @throws ApiError naming every problem of every file. */
export async function verifyOpenB(
  { dataDir, seeds = PUBLISHED_SEEDS, policies = PUBLISHED_POLICIES, threads }: VerifyOptions = {},
  onProgress?: (progress: OpenbProgress & { workload: string }) => void,
): Promise<Verification> {
  const workloads = dataDir === undefined ? [builtIn()] : readWorkloads(dataDir);
  const tasks = workloads.flatMap((_, trace) =>
    policies.flatMap((policy) => seeds.map((seed) => ({ trace, policy, seed, label: workloads[trace].name }))),
  );
  const traces = workloads.map(({ trace }) => trace);
  const results = await runTasks(traces, tasks, threads, (progress) => {
    onProgress?.({ ...progress, workload: progress.run.label ?? '' });
  });
  const runs = workloads.map(({ name }) => ({ workload: name, runs: results.filter(({ label }) => label === name) }));
  const comparisons = workloads.flatMap(({ name, published }, w) =>
    compare(name, runs[w].runs, published, VERIFIED_POINTS).filter(({ within }) => within !== undefined),
  );
  const within = comparisons.filter((comparison) => comparison.within).length;
  return { comparisons, within, total: comparisons.length, runs };
}

function builtIn(): Workload {
  return { name: openbPublished().workload, trace: openbTrace(), published: publishedDefault() };
}

/** What the project carries of the published figures: workload `default`. */
export function publishedDefault(): Published[] {
  const { arrived_pct, policies } = openbPublished();
  return Object.entries(policies).flatMap(([policy, curves]) =>
    METRICS.flatMap((metric) =>
      arrived_pct.map((arrivedPct, i) => ({
        policy,
        metric,
        arrivedPct,
        mean: curves[metric].mean[i],
        std: curves[metric].std[i],
      })),
    ),
  );
}

function readWorkloads(dataDir: string): Workload[] {
  const published = readSummary(join(dataDir, 'expected', 'summary.csv'));
  const problems = new Map<string, Problem>();
  const workloads: Workload[] = [];
  for (const [name, rows] of published) {
    try {
      const nodes = plainOrGzip(join(dataDir, 'openb_node_list_gpu_node.csv'));
      const trace = readOpenb(nodes, plainOrGzip(join(dataDir, `openb_pod_list_${name}.csv`)));
      workloads.push({ name, trace, published: rows });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      for (const problem of error.problems) problems.set(formatProblem(problem), problem); // All share the nodes.
    }
  }
  if (problems.size > 0) throw new ApiError('Invalid', [...problems.values()]);
  return workloads;
}

function readSummary(given: string): Map<string, Published[]> {
  const path = plainOrGzip(given);
  const table = new CsvTable(readText(path), path, ['workload', 'policy', 'metric', 'arrived_pct', 'mean', 'std']);
  const byWorkload = new Map<string, Published[]>();
  for (const row of table.rows) {
    const metric = METRICS.find((name) => name === row.text('metric'));
    if (!metric) row.problem('metric', `'${row.text('metric')}' is none of ${METRICS.join(', ')}`);
    const [mean, std] = [row.decimal('mean'), row.decimal('std')];
    const arrivedPct = row.whole('arrived_pct', 1000);
    const workload = row.text('workload');
    let rows = byWorkload.get(workload);
    if (!rows) byWorkload.set(workload, (rows = []));
    if (metric) rows.push({ policy: row.text('policy'), metric, arrivedPct, mean, std });
  }
  table.done();
  return byWorkload;
}

function plainOrGzip(path: string): string {
  return !existsSync(path) && existsSync(`${path}.gz`) ? `${path}.gz` : path;
}
