/** A pool thread of the OpenB runs: the traces come once, with the thread; a task is one policy and one seed. */
import { workerData } from 'piscina';
import type { PolicyName } from '../policies/registry.ts';
import type { ExplainedPod } from '../report/report.ts';
import type { OpenbTrace } from '../traces/openb.ts';
import { corePlacer } from './core-placer.ts';
import { FirstRejection } from './first-rejection.ts';
import { type OpenbRun, type RunOptions, runExperiment } from './run.ts';

export interface OpenbTask extends RunOptions {
  /** Index into the traces. */
  trace: number;
  policy: PolicyName;
  seed: number;
  /** Ask why the first pod that fits nowhere does not. */
  explain?: boolean;
}

export interface OpenbResult extends OpenbRun {
  /** Only when asked for, and when there is such a pod. */
  rejected?: ExplainedPod;
}

export default function run({ trace, policy, seed, explain, ...options }: OpenbTask): OpenbResult {
  const traces = workerData as readonly OpenbTrace[];
  if (!explain) return runExperiment(traces[trace], policy, seed, corePlacer, options);
  const first = new FirstRejection();
  const run = runExperiment(traces[trace], policy, seed, first.makePlacer, options);
  return { ...run, rejected: first.explained };
}
