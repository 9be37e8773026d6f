/**
 * One row of the results: one workload under one decider. Each run has a world of its own, made before the clock starts.
 * Rate, time per decision and bytes are taken in different runs, so that none disturbs another.
 */
import { GCProfiler } from 'node:v8';
import { type Answers, decideAll, hashOf } from './decide-all.ts';
import { collectGarbage } from './garbage.ts';
import { cutOf, type Workload } from './workloads.ts';
import { type BenchDecider, makeWorld, type World } from './world.ts';

export interface Row {
  workload: Workload;
  decider: BenchDecider;
  /** The decider looks at part of the nodes, as many as kube-scheduler would by default. */
  sampled: boolean;
  /** How many of the measured pods it is to place. */
  pods: number;
  threads: number;
}

export interface Plan {
  runs: number;
  /** Whole runs are made until so much time has gone into deciding. */
  warmUpMs: number;
}

/** Of several runs. */
export interface Spread {
  median: number;
  min: number;
  max: number;
  runs: number[];
}

export interface Measured {
  workload: string;
  nodes: number;
  pods: number;
  decider: string;
  threads: number;
  /** Measured pods by the time that all took. */
  decisionsPerSecond: Spread;
  /** Of single decisions, those that do not count among them. */
  microseconds: { p50: number; p99: number; p999: number };
  /** Allocated on the heap, the pod with its node among them. */
  bytesPerDecision: number;
  /** Resident, of the whole process with the workload's objects. */
  peakBytes: number;
  hash: string;
  /** The answers are the scan's on the first pods, and in the cut the reference's as well. */
  verified: boolean;
}

const MAX_WARM_UPS = 50;

export function measure(row: Row, { runs, warmUpMs }: Plan): Measured {
  anchors.clear();
  anchors.add(anchorOf(row));
  let warmMs = 0;
  for (let i = 0; i < MAX_WARM_UPS && (i === 0 || warmMs < warmUpMs); i++) warmMs += timed(row).tookMs;
  const rates: number[] = [];
  let answers: Answers = { hosts: [], refused: [] };
  for (let i = 0; i < runs; i++) {
    const run = timed(row);
    answers = run.answers;
    rates.push(run.counted / (run.tookMs / 1000));
  }
  const microseconds = latencies(row);
  const bytesPerDecision = bytes(row);
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const { workload, pods, threads } = row;
  return {
    workload: workload.name,
    nodes: workload.nodes,
    pods,
    decider: labelOf(row),
    threads,
    decisionsPerSecond: spreadOf(rates),
    microseconds,
    bytesPerDecision,
    peakBytes,
    hash: hashOf(answers),
    verified: isVerified(row, answers),
  };
}

/** 'scan, sampled'; 'floor' is the empty loop. */
export function labelOf({ decider, sampled }: Pick<Row, 'decider' | 'sampled'>): string {
  return sampled ? `${decider}, sampled` : decider;
}

function worldOf({ workload, decider, sampled, pods }: Row): World {
  return makeWorld(workload, decider, sampled ? 0 : 100, pods);
}

/** Live on while a row is measured. */
const anchors = new Set<World>();

/**
 * The row's cut, decided. V8 drops code that it has compiled for objects of which none is left: without one world that
 * stays, each run would begin with code compiled anew, as no scheduler does that lives for more than one workload.
 */
function anchorOf(row: Row): World {
  const small = cutOf(row.workload);
  const world = worldOf({ ...row, workload: small, pods: small.measured.pods });
  decideAll(world);
  return world;
}

function timed(row: Row): { answers: Answers; tookMs: number; counted: number } {
  const world = worldOf(row);
  collectGarbage();
  const startedMs = performance.now();
  const answers = decideAll(world);
  return { answers, tookMs: performance.now() - startedMs, counted: world.counted };
}

function latencies(row: Row): Measured['microseconds'] {
  const world = worldOf(row);
  const tookMs = new Float64Array(world.pods.length * 2);
  let attempts = 0;
  collectGarbage();
  let lastMs = performance.now();
  decideAll(world, () => {
    const nowMs = performance.now();
    tookMs[attempts++] = nowMs - lastMs;
    lastMs = nowMs;
  });
  const sorted = tookMs.subarray(0, attempts).sort();
  const at = (share: number): number => 1000 * sorted[Math.min(attempts - 1, Math.floor(share * attempts))];
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

/** Heap growth between collections, and before the first and after the last one. */
function bytes(row: Row): number {
  const world = worldOf(row);
  collectGarbage();
  const profiler = new GCProfiler();
  let usedBefore = process.memoryUsage().heapUsed;
  profiler.start();
  const { hosts } = decideAll(world);
  const usedAtEnd = process.memoryUsage().heapUsed;
  let allocated = 0;
  for (const { beforeGC, afterGC } of profiler.stop()?.statistics ?? []) {
    allocated += beforeGC.heapStatistics.usedHeapSize - usedBefore;
    usedBefore = afterGC.heapStatistics.usedHeapSize;
  }
  return Math.max(0, Math.round((allocated + usedAtEnd - usedBefore) / hosts.length));
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1], runs: [...values] };
}

/** Against the scan on the first pods of the workload itself, and against scan and reference in its cut. */
function isVerified(row: Row, answers: Answers): boolean {
  const { workload, decider } = row;
  if (decider === 'floor') return answers.hosts.every((host) => host === 'node-0');
  const pods = Math.min(row.pods, workload.scanPods);
  if (decider !== 'scan' && !agree(row, answers, { ...row, decider: 'scan', pods })) return false;
  const small = cutOf(workload);
  const cut = { ...row, workload: small, pods: small.measured.pods };
  const own = decideAll(worldOf(cut));
  return (['scan', 'reference'] as const).every((other) => agree(cut, own, { ...cut, decider: other }));
}

/** Pods that come first are answered first: attempts before any is made again agree, however many pods follow. */
function agree(row: Row, answers: Answers, other: Row): boolean {
  const { hash, attempts } = expected(other, other.pods === row.pods);
  return attempts <= answers.hosts.length && hashOf(answers, attempts) === hash;
}

const expectations = new Map<string, { hash: string; attempts: number }>();

/** @param whole attempts after the first of each pod count, too. */
function expected(row: Row, whole: boolean): { hash: string; attempts: number } {
  const key = JSON.stringify([row, whole]);
  let known = expectations.get(key);
  if (!known) {
    const world = worldOf(row);
    const answers = decideAll(world);
    const attempts = whole ? answers.hosts.length : world.pods.length;
    expectations.set(key, (known = { hash: hashOf(answers, attempts), attempts }));
  }
  return known;
}
