/** What a run has come to, as plain data: the same bytes for the same input and seed. */
import { keyOf, type Pod } from '../../core/index.ts';
import type { LogEntry } from './record/decision-log.ts';
import type { Counts, Workload } from './record/pod-tally.ts';
import { COUNTED, type Recorder, type WorkloadCount } from './record/recorder.ts';
import type { Cause } from './record/reschedules.ts';
import type { Series } from './record/series.ts';
import type { Rollout } from './record/wholeness.ts';
import type { Scenario } from './scenario/scenario.ts';
import type { MadeUpApi } from './world/api.ts';
import type { EventOutcome } from './world/happenings.ts';
import type { PodTimes } from './world/pod-life.ts';
import type { MadeUpScheduling } from './world/scheduling.ts';

/** Times are ms since the beginning. */
export interface ClusterRun {
  seed: number;
  /** SHA-256 of the decision log. */
  hash: string;
  /** What the virtual clock showed at the beginning. */
  start: string;
  durationMs: number;
  times: PodTimes;
  nodes: number;
  events: (EventOutcome & {
    /** Until every workload had all its pods serving again and no rollout was under way; null: not before the end. */
    recoveredMs: number | null;
  })[];
  workloads: WorkloadResult[];
  rollouts: Rollout[];
  evictions: Record<Cause, number>;
  reschedules: { count: number; medianMs: number | null; longestMs: number | null };
  restarts: number;
  /** At the end. */
  pods: Counts;
  /** Pods that wait for a node at the end, and why. */
  waiting: { pod: string; why: string }[];
  /** In words, each time that a limit was passed. */
  violations: { maxSurge: string[]; maxUnavailable: string[]; disruptionBudgets: string[] };
  timeline: Timeline;
  log: LogEntry[];
}

export interface WorkloadResult {
  name: string;
  /** At the end. */
  desired: number;
  ready: number;
  serving: number;
  /** The fewest that served since it was first whole, and the most pods at a time; null: it never was whole. */
  leastServing: number | null;
  mostPods: number;
  /** Time with fewer serving than asked for, since it was first whole; and what was missing, in pod × ms. */
  lackingMs: number;
  missingPodMs: number;
}

/** In even steps from the beginning to the end. */
export interface Timeline {
  stepMs: number;
  counts: Record<keyof Counts, number[]>;
  workloads: {
    name: string;
    desired: number[];
    pods: number[];
    ready: number[];
    serving: number[];
    leastServing: number[];
  }[];
}

/** A run that has come to its end. */
export interface Finished {
  startMs: number;
  api: MadeUpApi;
  recorder: Recorder;
  scheduling: MadeUpScheduling;
  happenings: { outcomes: readonly EventOutcome[] };
}

const STEPS = 240;
/** A step is one of these. */
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1000);

export function resultOf(finished: Finished, { durationMs, times }: Scenario, seed: number): ClusterRun {
  const { recorder, api, scheduling, happenings, startMs } = finished;
  const { rolloutChecker, budgetChecker, reschedules, wholeness, log } = recorder;
  const took = reschedules.tookMs.toSorted((a, b) => a - b);
  const waiting = scheduling.waiting();
  const pending = ([...api.objects.list({ group: '', resource: 'pods' })] as Pod[]).filter(
    ({ spec, metadata, status }) => !spec.nodeName && !metadata.deletionTimestamp && status?.phase === 'Pending',
  );
  return {
    seed,
    hash: log.hash(),
    start: new Date(startMs).toISOString(),
    durationMs,
    times,
    nodes: api.objects.of({ group: '', resource: 'nodes' }).size,
    events: happenings.outcomes.map((outcome, _, all) => {
      const nextMs = all.find(({ atMs }) => atMs > outcome.atMs)?.atMs ?? durationMs;
      return { ...outcome, recoveredMs: wholeness.recovery(outcome.atMs, nextMs, outcome.drained?.endedMs) };
    }),
    workloads: [...recorder.byWorkload].map(([workload, series]) => workloadResult(workload, series, durationMs)),
    rollouts: recorder.rollouts.all,
    evictions: reschedules.evictions,
    reschedules: { count: took.length, medianMs: took[took.length >> 1] ?? null, longestMs: took.at(-1) ?? null },
    restarts: recorder.restarts,
    pods: recorder.counts,
    waiting: pending.map((pod) => ({ pod: keyOf(pod), why: waiting.get(keyOf(pod)) ?? '' })),
    violations: {
      maxSurge: rolloutChecker.pastSurge,
      maxUnavailable: rolloutChecker.pastUnavailable,
      disruptionBudgets: budgetChecker.violations,
    },
    timeline: timelineOf(recorder, durationMs),
    log: log.entries,
  };
}

function workloadResult(workload: Workload, series: Series<WorkloadCount>, durationMs: number): WorkloadResult {
  const { name, desired, ready, serving } = workload;
  let leastServing: number | null = null;
  let [mostPods, lackingMs, missingPodMs] = [0, 0, 0];
  for (const { fromMs, toMs, values } of series.spans(durationMs)) {
    mostPods = Math.max(mostPods, values.pods);
    const missing = Math.max(0, values.desired - values.serving);
    if (leastServing === null && missing > 0) continue;
    leastServing = Math.min(leastServing ?? values.serving, values.serving);
    if (missing > 0) lackingMs += toMs - fromMs;
    missingPodMs += missing * (toMs - fromMs);
  }
  return { name, desired, ready, serving, leastServing, mostPods, lackingMs, missingPodMs };
}

function timelineOf({ totals, byWorkload }: Recorder, durationMs: number): Timeline {
  const stepMs = STEPS_MS.find((ms) => durationMs / ms <= STEPS) ?? Math.ceil(durationMs / STEPS);
  const counts = Object.fromEntries(COUNTED.map((name) => [name, totals.steps(name, durationMs, stepMs)]));
  const workloads = [...byWorkload].map(([{ name }, series]) => ({
    name,
    desired: series.steps('desired', durationMs, stepMs),
    pods: series.steps('pods', durationMs, stepMs),
    ready: series.steps('ready', durationMs, stepMs),
    serving: series.steps('serving', durationMs, stepMs),
    leastServing: series.steps('serving', durationMs, stepMs, 'least'),
  }));
  return { stepMs, counts: counts as Timeline['counts'], workloads };
}
