/** Pods that come and go, over nodes that are replaced now and then, and what the scheduler holds on the way. */
import { defaultProfile, EngineDecider, Listers, Nominator, type Pod, ScheduleOne } from '../core/index.ts';
import { collectGarbage } from './garbage.ts';
import type { PodKindName } from './pod-kinds.ts';
import { makeNode, makePod, SEED } from './world.ts';

export interface Churn {
  /** How many pods come in all. */
  pods: number;
  nodes: number;
  /** The oldest goes when more than so many are placed. */
  alive: number;
  /** Milliseconds of a clock that only moves on. */
  now: () => number;
  /** After each tenth of the pods. */
  onSample?: (sample: ChurnSample) => void;
}

export interface ChurnSample {
  /** Pods that have come so far, and the time since the last sample, garbage collection left out. */
  placed: number;
  seconds: number;
  heapBytes: number;
  residentBytes: number;
  /** Classes that the engine remembers. */
  classes: number;
  /** Decisions so far that it left to the scan, and pods refused. */
  scans: number;
  refused: number;
}

/** Shapes of plain pods that come in turn; every tenth pod is of another kind. */
const SHAPES = 20;
const OTHERS: readonly PodKindName[] = ['blue', 'softSpread', 'antiAffinity', 'preferredAffinity'];
/** A node goes with its pods, and a new one comes, before every so-manieth pod. */
const REPLACE_EVERY = 1000;

export function churn({ pods, nodes, alive, now, onSample }: Churn): ChurnSample[] {
  const listers = new Listers();
  const nominated = new Nominator();
  const profiles = [defaultProfile()];
  const decider = new EngineDecider({ listers, nominated, profiles });
  const scheduler = new ScheduleOne({ decider, listers, nominated, profiles, seed: SEED, sayWhy: false });
  const zones = ['zone-1', 'zone-2', 'zone-3'];
  for (let i = 0; i < nodes; i++) decider.addNode(makeNode(i, zones));
  const placed: (Pod | undefined)[] = new Array(alive).fill(undefined);
  const samples: ChurnSample[] = [];
  const step = Math.max(1, Math.floor(pods / 10));
  let refused = 0;
  let replaced = 0;
  let startedMs = now();
  for (let i = 0; i < pods; i++) {
    if (i % REPLACE_EVERY === REPLACE_EVERY - 1) {
      const row = decider.cluster.rowOf(`node-${replaced}`);
      for (const { request } of [...decider.cluster.podsOn(row)]) decider.removePod(request.pod);
      decider.removeNode(`node-${replaced}`);
      decider.addNode(makeNode(nodes + replaced++, zones));
    }
    const oldest = placed[i % alive];
    if (oldest) decider.removePod(oldest);
    const pod = podOf(i);
    const { host } = scheduler.schedule(pod);
    if (host === undefined) refused++;
    else decider.assume(pod, host);
    placed[i % alive] = host === undefined ? undefined : pod;
    if ((i + 1) % step !== 0) continue;
    const seconds = (now() - startedMs) / 1000;
    collectGarbage();
    const { heapUsed: heapBytes, rss: residentBytes } = process.memoryUsage();
    const scans = [...decider.scans.values()].reduce((sum, count) => sum + count, 0);
    samples.push({ placed: i + 1, seconds, heapBytes, residentBytes, classes: decider.classCount, scans, refused });
    onSample?.(samples[samples.length - 1]);
    startedMs = now();
  }
  return samples;
}

function podOf(i: number): Pod {
  if (i % 10 === 9) return makePod(OTHERS[Math.floor(i / 10) % OTHERS.length], 'sched-1', `pod-${i}`);
  return makePod('plain', 'sched-1', `pod-${i}`, i % SHAPES);
}
