/**
 * Makes openb-shapes.json and openb-published.json from the trace: `node sim/traces/derive-openb.ts FOLDER`, where
 * FOLDER holds openb_node_list_gpu_node.csv, openb_pod_list_default.csv, and in expected/ summary.csv and the curves.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAST_PCT } from '../openb/metrics.ts';
import { CsvTable } from './csv-table.ts';
import { type OpenbTrace, readOpenb } from './openb.ts';
import { METRICS, type Metric, type OpenbPublished, type OpenbShapes } from './openb-shapes.ts';
import { readText } from './read-text.ts';

const WORKLOAD = 'default';
const ORIGIN =
  "Derived from Alibaba's clusterdata, cluster-trace-gpu-v2023 (OpenB), as in hkust-adsl/kubernetes-scheduler-simulator" +
  ' @ 8f3d6417353c5083c6d56617f255fadd8dc306bc; paper: Weng et al., "Beware of Fragmentation", USENIX ATC 2023';
const LICENCE = 'Apache-2.0';

export function deriveShapes({ nodes, pods }: OpenbTrace): OpenbShapes {
  return {
    origin: ORIGIN,
    licence: LICENCE,
    nodes: counted(nodes.map(({ cpuMilli, memoryMib, gpus, model }) => [cpuMilli, memoryMib, gpus, model])),
    pods: counted(pods.map(({ cpuMilli, memoryMib, gpus, gpuMilli }) => [cpuMilli, memoryMib, gpus, gpuMilli])),
  };
}

/** The most frequent first, otherwise in order of first appearance. */
function counted<Shape extends (number | string)[]>(shapes: Shape[]): [number, ...Shape][] {
  const counts = new Map<string, [number, ...Shape]>();
  for (const shape of shapes) {
    const known = counts.get(JSON.stringify(shape));
    if (known) known[0]++;
    else counts.set(JSON.stringify(shape), [1, ...shape]);
  }
  return [...counts.values()].sort((a, b) => b[0] - a[0]);
}

/** The authors' curves, one row for each seed. */
const CURVE_FILES: Record<Metric, string> = {
  alloc_pct: 'analysis_allo_discrete.csv.gz',
  frag_pct_of_total: 'analysis_frag_discrete.csv.gz',
  frag_pct_of_idle: 'analysis_frag_ratio_discrete.csv.gz',
};

/** Means over the seeds; a policy stands there as '06-FGD'. */
function deriveCurves(folder: string): OpenbPublished['curves'] {
  const curves: OpenbPublished['curves'] = {};
  for (const metric of METRICS) {
    const path = join(folder, CURVE_FILES[metric]);
    const percents = Array.from({ length: LAST_PCT + 1 }, (_, percent) => String(percent));
    const table = new CsvTable(readText(path), path, ['workload', 'sc_policy', ...percents]);
    const rows = table.rows.filter((row) => row.text('workload') === `openb_pod_list_${WORKLOAD}`);
    for (const name of new Set(rows.map((row) => row.text('sc_policy')))) {
      const runs = rows.filter((row) => row.text('sc_policy') === name);
      const mean = (percent: string): number =>
        runs.reduce((sum, row) => sum + Number(row.text(percent)), 0) / runs.length;
      const policy = name.replace(/^\d+-/, '');
      curves[policy] = {
        ...curves[policy],
        [metric]: percents.map((percent) => Math.round(100 * mean(percent)) / 100),
      };
    }
  }
  return curves;
}

/** @param folder the authors' `expected` results. */
export function derivePublished(folder: string): OpenbPublished {
  const summaryPath = join(folder, 'summary.csv');
  const columns = ['workload', 'policy', 'metric', 'arrived_pct', 'mean', 'std'];
  const table = new CsvTable(readText(summaryPath), summaryPath, columns);
  const rows = table.rows.filter((row) => row.text('workload') === WORKLOAD);
  const policies: OpenbPublished['policies'] = {};
  for (const policy of new Set(rows.map((row) => row.text('policy')))) {
    const curves = METRICS.map((metric) => {
      const points = rows.filter((row) => row.text('policy') === policy && row.text('metric') === metric);
      return [
        metric,
        { mean: points.map((row) => Number(row.text('mean'))), std: points.map((row) => Number(row.text('std'))) },
      ];
    });
    policies[policy] = Object.fromEntries(curves);
  }
  const arrived = [...new Set(rows.map((row) => Number(row.text('arrived_pct'))))];
  return {
    origin: ORIGIN,
    licence: LICENCE,
    workload: WORKLOAD,
    arrived_pct: arrived,
    policies,
    curves: deriveCurves(folder),
  };
}

/** One line per row of a table: readable, and small. */
function text(value: object): string {
  const lines = Object.entries(value).map(([key, field]) => {
    if (!Array.isArray(field) || !Array.isArray(field[0])) return `  ${JSON.stringify(key)}: ${JSON.stringify(field)}`;
    return `  ${JSON.stringify(key)}: [\n${field.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (!folder) throw new Error('usage: node sim/traces/derive-openb.ts FOLDER');
  const trace = readOpenb(join(folder, 'openb_node_list_gpu_node.csv'), join(folder, `openb_pod_list_${WORKLOAD}.csv`));
  writeFileSync(new URL('openb-shapes.json', import.meta.url), text(deriveShapes(trace)));
  const published = derivePublished(join(folder, 'expected'));
  writeFileSync(new URL('openb-published.json', import.meta.url), text(published));
}
