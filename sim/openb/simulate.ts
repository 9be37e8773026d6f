/** The OpenB runs as a job: policies × seeds over one trace, on all cores, in a fixed order. */

import type { PolicyName } from '../policies/registry.ts';
import { runOnPool } from '../pool.ts';
import type { OpenbTrace } from '../traces/openb.ts';
import type { RunOptions } from './run.ts';
import type { OpenbResult, OpenbTask } from './worker.ts';

export interface OpenbOptions extends RunOptions {
  /** From readOpenb(nodes, pods), or openbTrace() for the built-in table. */
  trace: OpenbTrace;
  policies: readonly PolicyName[];
  seeds: readonly number[];
  /** One per core by default. The results do not depend on it. */
  threads?: number;
  /** Each run explains its first pod that fits nowhere. */
  explain?: boolean;
}

export interface OpenbProgress {
  done: number;
  total: number;
  /** The run that has just ended. */
  run: OpenbResult;
}

/** All seeds of the first policy, then of the next. */
export async function runOpenB(
  { trace, policies, seeds, threads, ...options }: OpenbOptions,
  onProgress?: (progress: OpenbProgress) => void,
): Promise<OpenbResult[]> {
  const tasks = policies.flatMap((policy) => seeds.map((seed) => ({ trace: 0, policy, seed, ...options })));
  return runTasks([trace], tasks, threads, onProgress);
}

export async function runTasks(
  traces: readonly OpenbTrace[],
  tasks: readonly OpenbTask[],
  threads?: number,
  onProgress?: (progress: OpenbProgress) => void,
): Promise<OpenbResult[]> {
  let done = 0;
  const worker = new URL('worker.ts', import.meta.url);
  return runOnPool<OpenbTask, OpenbResult>(tasks, { worker, data: traces, threads }, (run) => {
    onProgress?.({ done: ++done, total: tasks.length, run });
  });
}
