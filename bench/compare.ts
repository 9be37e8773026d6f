/** Rates beside others: an earlier run of ours, and kube-scheduler's, both brought to this machine's speed. */
import type { Calibration } from './calibration.ts';
import type { Measured } from './measure.ts';
import peer from './peer.json' with { type: 'json' };
import type { Results } from './run.ts';
import { peerRow, type Workload } from './workloads.ts';

export interface Ratio {
  /** As measured there. */
  theirs: number;
  ratio: number;
  /** Theirs brought to this machine by the arithmetic loop. */
  calibrated: number;
}

export const PEER = peer.scheduler;
export const PEER_ORIGIN = peer.origin;

/** Ours by kube-scheduler's in the same workload, sampling or scoring all nodes; undefined where it was not measured. */
export function ratioToPeer(ours: number, workload: Workload, sampled: boolean, here: Calibration): Ratio | undefined {
  const row = peerRow(workload, sampled);
  return row && ratioOf(ours, row.podsPerSecond, peer.calibration, here);
}

function ratioOf(ours: number, theirs: number, there: Calibration, here: Calibration): Ratio {
  const brought = (theirs * there.cpuNsPerIter) / here.cpuNsPerIter;
  return { theirs, ratio: ours / theirs, calibrated: ours / brought };
}

export interface Change extends Ratio {
  now: Measured;
  before: Measured;
}

/** Rows that both runs have, in the order of the new one. */
export function changes(now: Results, earlier: Results): Change[] {
  return now.results.flatMap((row) => {
    const before = earlier.results.find((other) => rowKey(other) === rowKey(row));
    if (!before) return [];
    const { median } = before.decisionsPerSecond;
    const ratio = ratioOf(row.decisionsPerSecond.median, median, earlier.calibration, now.calibration);
    return [{ now: row, before, ...ratio }];
  });
}

function rowKey({ workload, nodes, pods, decider, threads }: Measured): string {
  return [workload, nodes, pods, decider, threads].join('\n');
}

/** The first thing that makes the text no results of an earlier run; undefined when it is fine. */
export function problemOf(value: unknown): string | undefined {
  if (!isObject(value)) return 'is no JSON object';
  if (!isObject(value.calibration) || !isRate(value.calibration.cpuNsPerIter)) return 'has no calibration.cpuNsPerIter';
  if (!Array.isArray(value.results)) return 'has no list results';
  const bad = value.results.findIndex((row: unknown) => !isRow(row));
  return bad < 0 ? undefined : `results[${bad}] lacks a workload, a decider, nodes, pods, threads or a rate`;
}

function isRow(row: unknown): boolean {
  if (!isObject(row) || !isObject(row.decisionsPerSecond)) return false;
  const counts = [row.nodes, row.pods, row.threads].every((count) => typeof count === 'number');
  const names = [row.workload, row.decider, row.hash].every((name) => typeof name === 'string');
  return counts && names && isRate(row.decisionsPerSecond.median);
}

function isRate(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
