/**
 * The published OpenB experiment as a benchmark: the built-in default workload (about 10,865 pods on 1,213 nodes) under
 * one policy, whole runs: cluster, arrivals, decisions, devices, fragmentation and curves after every pod.
 * The authors' simulator takes 10 minutes for one such run (experiments/README.md of hkust-adsl/kubernetes-scheduler-simulator).
 */
import { corePlacer, placerOver } from '../sim/openb/core-placer.ts';
import { type OpenbRun, runExperiment } from '../sim/openb/run.ts';
import { type PolicyName, PUBLISHED_POLICIES } from '../sim/policies/registry.ts';
import type { OpenbTrace } from '../sim/traces/openb.ts';
import { openbTrace } from '../sim/traces/openb-shapes.ts';

/** Seconds, as published, for one run of one policy on 2 virtual processors. */
export const PUBLISHED_SECONDS = 600;
const SEED = 42;
const WARM_UPS = 3;
/** A smoke run takes every so-manieth node and pod. */
const CUT = 20;

export interface OpenbMeasured {
  policy: PolicyName;
  nodes: number;
  /** Arrivals, each tried once. */
  pods: number;
  /** The first run of the process for the first policy; later ones find warm code. */
  firstSeconds: number;
  seconds: { median: number; min: number; max: number; runs: number[] };
  /** The same run over the scan, once. */
  scanSeconds: number;
  /** SHA-256 of the decision log. */
  hash: string;
  /** The scan decides the same, and every curve is the same. */
  verified: boolean;
}

export interface OpenbPlan {
  runs: number;
  /** A cut of the workload, without warm-up. */
  quick: boolean;
}

export function measureOpenb(policy: PolicyName, { runs, quick }: OpenbPlan): OpenbMeasured {
  const trace = quick ? cutOf(openbTrace()) : openbTrace();
  const first = timed(() => runExperiment(trace, policy, SEED, corePlacer));
  for (let i = 1; i < WARM_UPS && !quick; i++) runExperiment(trace, policy, SEED, corePlacer);
  const measured = Array.from({ length: runs }, () => timed(() => runExperiment(trace, policy, SEED, corePlacer)));
  const scan = timed(() => runExperiment(trace, policy, SEED, (world) => placerOver('scan', world)));
  const all = measured.map(({ seconds }) => seconds);
  const sorted = all.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  const expected = JSON.stringify(scan.run);
  return {
    policy,
    nodes: trace.nodes.length,
    pods: first.run.arrived,
    firstSeconds: first.seconds,
    seconds: { median, min: sorted[0], max: sorted[sorted.length - 1], runs: all },
    scanSeconds: scan.seconds,
    hash: first.run.hash,
    verified: [first, ...measured].every(({ run }) => JSON.stringify(run) === expected),
  };
}

/** FGD first: it is the one that the published time is of. */
export function openbPolicies(): PolicyName[] {
  return [...PUBLISHED_POLICIES].reverse();
}

function cutOf({ nodes, pods }: OpenbTrace): OpenbTrace {
  return { nodes: nodes.filter((_, i) => i % CUT === 0), pods: pods.filter((_, i) => i % CUT === 0) };
}

function timed(work: () => OpenbRun): { run: OpenbRun; seconds: number } {
  const startedMs = performance.now();
  const run = work();
  return { run, seconds: (performance.now() - startedMs) / 1000 };
}
