/** A scheduler that starts again from a snapshot: how long until it has decided for its first pod. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createScheduler } from '../core/index.ts';
import { type ClusterSize, nodesOf, runningPods } from './filled-cluster.ts';
import { makePod, SEED } from './world.ts';

const INCOMING = makePod('plain', 'team-0', 'incoming');

export interface Saved {
  saveMs: number;
  bytes: number;
  /** Where the scheduler that wrote it puts the pod that comes next. */
  host: string | undefined;
}

export interface Restarted {
  loadMs: number;
  firstDecisionMs: number;
  host: string | undefined;
}

/** Writes the snapshot of a cluster of that size into a file. */
export function saveState(size: ClusterSize, file: string): Saved {
  const unchecked = { validate: false, defaults: false };
  const scheduler = createScheduler({ nodes: nodesOf(size), pods: runningPods(size), seed: SEED, ...unchecked });
  const startedMs = performance.now();
  const bytes = scheduler.snapshot();
  const saveMs = performance.now() - startedMs;
  writeFileSync(file, bytes);
  return { saveMs, bytes: bytes.length, host: scheduler.schedule(INCOMING).host };
}

/** The bytes are in memory when the clock starts; the process has done nothing else before. */
export function restart(file: string): Restarted {
  const snapshot = readFileSync(file);
  const startedMs = performance.now();
  const scheduler = createScheduler({ snapshot, seed: SEED });
  const loadMs = performance.now() - startedMs;
  const { host } = scheduler.schedule(INCOMING);
  return { loadMs, firstDecisionMs: performance.now() - startedMs, host };
}
