/**
 * A cluster made of manifests, with a scheduler that binds and evicts at once: what kube-scheduler would do if nothing
 * else happened in the cluster. Time stands still; only what the scheduler does itself can wake a pod.
 */
import { setImmediate } from 'node:timers/promises';
import {
  type Attempt,
  createDecider,
  type Decider,
  type DeciderKind,
  type Decision,
  defaultProfile,
  Listers,
  Nominator,
  type Pod,
  type Profile,
  ScheduleOne,
  Scheduler,
  type TieRule,
  VirtualClock,
} from '../../core/index.ts';

/** Attempts between two looks at what else the process has to do, Ctrl-C for instance. */
const ATTEMPTS_IN_A_ROW = 100;
/** After every start time that can be recorded: a pod without one counts as started now. */
const NOW_MS = Date.UTC(2100, 0, 1);

export interface PlacementOptions {
  decider: DeciderKind;
  tieRule: TieRule;
  seed: number;
  /** The default profile when absent. */
  profiles?: readonly Profile[];
}

export interface Eviction {
  victim: Pod;
  preemptor: Pod;
}

export interface World {
  scheduler: Scheduler;
  decider: Decider;
  profiles: readonly Profile[];
  /** Pods that lost their place, in order. No controller makes them anew. */
  evicted: Eviction[];
  /** Attempts until no pod is ready; the deletion of victims is delivered in between. */
  settle(): Promise<void>;
}

export function makeWorld(
  { decider: kind, tieRule, seed, profiles = [defaultProfile()] }: PlacementOptions,
  onDecision?: (decision: Decision, attempt: Attempt) => void,
): World {
  const listers = new Listers();
  const nominator = new Nominator();
  const clock = new VirtualClock(NOW_MS);
  const decider = createDecider(kind, { listers, profiles, nominated: nominator });
  const now = (): number => clock.now();
  const cycle = new ScheduleOne({ decider, profiles, listers, nominated: nominator, tieRule, seed, now });
  const evicted: Eviction[] = [];
  const leaving: Pod[] = [];
  const scheduler = new Scheduler({
    decider,
    listers,
    profiles,
    nominator,
    clock,
    cycle,
    onDecision,
    binder: { bind: (_pod, _nodeName, done) => done() },
    evictor: {
      evict(victims, preemptor) {
        for (const victim of victims) evicted.push({ victim, preemptor });
        leaving.push(...victims);
      },
    },
  });
  const settle = async (): Promise<void> => {
    for (let attempts = 1; scheduler.scheduleNext(); attempts++) {
      for (const pod of leaving.splice(0)) scheduler.podDeleted(pod);
      if (attempts % ATTEMPTS_IN_A_ROW === 0) await setImmediate();
    }
  };
  return { scheduler, decider, profiles, evicted, settle };
}
