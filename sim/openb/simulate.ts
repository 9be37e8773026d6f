/** The OpenB runs as a job: policies × seeds over one trace, on all cores, in a fixed order. */
import { extname } from 'node:path';
import type { PolicyName } from '../policies/registry.ts';
import { runOnPool } from '../pool.ts';
import { DEVICE_MILLI, type OpenbTrace } from '../traces/openb.ts';
import { checkDemand } from './arrivals.ts';
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

/** @throws ApiError when a trace asks for too little to fill its cluster. */
export async function runTasks(
  traces: readonly OpenbTrace[],
  tasks: readonly OpenbTask[],
  threads?: number,
  onProgress?: (progress: OpenbProgress) => void,
): Promise<OpenbResult[]> {
  for (const { nodes, pods } of traces) {
    checkDemand(
      pods,
      nodes.reduce((sum, { gpus }) => sum + gpus * DEVICE_MILLI, 0),
    );
  }
  let done = 0;
  const worker = new URL(`worker${extname(import.meta.url)}`, import.meta.url); // .ts in a checkout, .js once built.
  return runOnPool<OpenbTask, OpenbResult>(tasks, { worker, data: traces, threads }, (run) => {
    onProgress?.({ done: ++done, total: tasks.length, run });
  });
}
