/** `node bench/markdown.ts FILE.json...`: published runs as the table of README.md, beside kube-scheduler's figures. */
import { readFileSync } from 'node:fs';
import { ratioToPeer } from './compare.ts';
import type { Measured } from './measure.ts';
import type { Results } from './run.ts';
import { WORKLOADS } from './workloads.ts';

const HEAD = ['workload', 'nodes', 'pods', 'decider', 'decisions/s', 'min-max', 'p50 µs', 'p99 µs', 'p99.9 µs'];
const TAIL = ['bytes', 'peak MiB', 'kube-scheduler: all / sampled', 'ratio to all', 'calibrated'];

export function markdown({ results, calibration }: Results): string {
  const head = [...HEAD, ...TAIL];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const rows = results.map((row) => line([...ownCells(row), ...peerCells(row, calibration)]));
  return line(head) + line(head.map(() => '---')) + rows.join('');
}

function ownCells(row: Measured): string[] {
  const { median, min, max } = row.decisionsPerSecond;
  const { p50, p99, p999 } = row.microseconds;
  return [
    row.workload,
    whole(row.nodes),
    whole(row.pods),
    row.verified ? row.decider : `${row.decider}, NOT VERIFIED`,
    whole(median),
    `${whole(min)}-${whole(max)}`,
    p50.toFixed(1),
    p99.toFixed(0),
    p999.toFixed(0),
    whole(row.bytesPerDecision),
    whole(row.peakBytes / 2 ** 20),
  ];
}

function peerCells(row: Measured, calibration: Results['calibration']): string[] {
  const workload = WORKLOADS.find(({ name, nodes }) => name === row.workload && nodes === row.nodes);
  if (!workload || row.decider === 'floor') return ['', '', ''];
  const [all, sampled] = [false, true].map((part) =>
    ratioToPeer(row.decisionsPerSecond.median, workload, part, calibration),
  );
  if (!all || !sampled) return ['', '', ''];
  return [`${whole(all.theirs)} / ${whole(sampled.theirs)}`, all.ratio.toFixed(1), all.calibrated.toFixed(1)];
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

if (import.meta.main) {
  for (const file of process.argv.slice(2)) {
    console.log(markdown(JSON.parse(readFileSync(file, 'utf8')) as Results));
  }
}
