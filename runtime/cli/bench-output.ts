/** What `keelson bench` prints: a table per workload with kube-scheduler's figures below it, and the table of changes. */
import type { Calibration } from '../../bench/calibration.ts';
import { type Change, PEER, ratioToPeer } from '../../bench/compare.ts';
import { labelOf, type Measured, type Row } from '../../bench/measure.ts';
import type { Machine } from '../../bench/run.ts';
import type { Workload } from '../../bench/workloads.ts';
import { wrap } from './help.ts';
import { formatTable } from './table.ts';

export interface MeasuredRow {
  row: Row;
  measured: Measured;
}

const COLUMNS = 'decider,pods,per s,min-max,p50,p99,p99.9,bytes,peak,vs peer,calibr.,ok';
const HEAD = COLUMNS.split(',');
const RIGHT = HEAD.map((_, i) => (i === 0 ? 'left' : 'right'));

/**
 * One workload. Times in µs and bytes are of one decision, the peak is in MiB. `vs peer` is by the rate of kube-scheduler
 * looking at as many nodes, as it was measured; `calibr.` by that rate brought to this machine.
 */
export function workloadText(rows: readonly MeasuredRow[], here: Calibration, width: number): string {
  const { workload } = rows[0].row;
  const lines = [
    ...title(workload).flatMap((line) => wrap(line, width)),
    formatTable(
      HEAD,
      rows.map((one) => cells(one, here)),
      width,
      RIGHT,
    ).trimEnd(),
  ];
  return [...lines, ...notes(rows, here).flatMap((note) => wrap(note, width)), ''].join('\n') + '\n';
}

export function machineText(machine: Machine, node: string, seed: number): string {
  const { cpu, cores, memoryGiB, os, load, keelson } = machine;
  return (
    `keelson ${keelson}, Node ${node}, seed ${seed}\n${cores} cores of ${cpu}, ${memoryGiB} GiB, ${os}, load ${load}\n` +
    'p50, p99, p99.9 in µs and bytes of one decision; peak in MiB\n'
  );
}

/** More than 1 is faster than then. */
export function changesText(changes: readonly Change[], width: number): string {
  const head = ['workload', 'nodes', 'decider', 'before', 'now', 'ratio', 'calibrated', 'answers'];
  const rows = changes.map(({ now, before, theirs, ratio, calibrated }) => [
    now.workload,
    short(now.nodes),
    now.decider,
    short(theirs),
    short(now.decisionsPerSecond.median),
    ratio.toFixed(2),
    calibrated.toFixed(2),
    now.hash === before.hash ? 'same' : 'DIFFER',
  ]);
  return formatTable(head, rows, width, ['left', 'right', 'left', 'right', 'right', 'right', 'right', 'left']);
}

function title({ name, about, nodes, init }: Workload): string[] {
  const bound = init ? `${init.pods.toLocaleString('en')} pods on them` : 'empty';
  return [`${name}: ${about}`, `${nodes.toLocaleString('en')} nodes, ${bound}`];
}

function cells({ row, measured }: MeasuredRow, here: Calibration): string[] {
  const { median, min, max } = measured.decisionsPerSecond;
  const { p50, p99, p999 } = measured.microseconds;
  const peer = row.decider === 'floor' ? undefined : ratioToPeer(median, row.workload, row.sampled, here);
  return [
    measured.decider,
    short(row.pods),
    short(median),
    `${short(min)}-${short(max)}`,
    short(p50),
    short(p99),
    short(p999),
    short(measured.bytesPerDecision),
    short(measured.peakBytes / 2 ** 20),
    peer ? short(peer.ratio) : '',
    peer ? short(peer.calibrated) : '',
    measured.verified ? 'yes' : 'NO',
  ];
}

function notes(rows: readonly MeasuredRow[], here: Calibration): string[] {
  const { workload } = rows[0].row;
  const lines: string[] = [];
  const best = rows.find(({ row }) => row.decider === 'engine') ?? rows[0];
  const ours = best.measured.decisionsPerSecond.median;
  const peers = [false, true].flatMap((sampled) => {
    const ratio = ratioToPeer(ours, workload, sampled, here);
    if (!ratio) return [];
    const { theirs, calibrated } = ratio;
    const what = sampled ? 'sampling them' : 'scoring all nodes';
    return [
      `${theirs.toFixed(0)}/s ${what} (${labelOf(best.row)} ×${short(ratio.ratio)}, calibrated ×${short(calibrated)})`,
    ];
  });
  const scan = rows.find(({ row }) => row.decider === 'scan' && !row.sampled);
  const others = rows.filter((one) => one !== scan && one.row.decider !== 'floor');
  if (scan && others.length > 0) {
    const times = others.map(
      ({ measured }) => `${measured.decider} ×${short(rateOf(measured) / rateOf(scan.measured))}`,
    );
    lines.push(`by the scan's rate: ${times.join('; ')}`);
  }
  if (peers.length > 0) lines.push(`${PEER}, measured in the same shape: ${peers.join('; ')}`);
  if (workload.reach && best.row.decider === 'engine') {
    const share = ((100 * ours) / workload.reach).toFixed(0);
    lines.push(`to reach: ${workload.reach.toLocaleString('en')}/s; this is ${share} % of it`);
  }
  return lines;
}

function rateOf({ decisionsPerSecond }: Measured): number {
  return decisionsPerSecond.median;
}

/** Three digits at least, in as few letters as that takes: 950, 12.3, 45.6k, 2.01M. */
export function short(value: number): string {
  if (value >= 999_500) return `${digits(value / 1e6)}M`;
  if (value >= 9_999.5) return `${digits(value / 1e3)}k`;
  if (value >= 999.5 || Number.isInteger(value)) return value.toFixed(0);
  return digits(value);
}

function digits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}
