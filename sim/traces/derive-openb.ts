/**
 * Makes openb-shapes.json and openb-published.json from the trace: `node sim/traces/derive-openb.ts FOLDER`, where
 * FOLDER holds openb_node_list_gpu_node.csv, openb_pod_list_default.csv and expected/summary.csv.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CsvTable } from './csv-table.ts';
import { type OpenbTrace, readOpenb } from './openb.ts';
import { METRICS, type OpenbPublished, type OpenbShapes } from './openb-shapes.ts';
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

export function derivePublished(summaryPath: string): OpenbPublished {
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
  return { origin: ORIGIN, licence: LICENCE, workload: WORKLOAD, arrived_pct: arrived, policies };
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
  const published = derivePublished(join(folder, 'expected', 'summary.csv'));
  writeFileSync(new URL('openb-published.json', import.meta.url), text(published));
}
