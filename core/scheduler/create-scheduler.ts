/** A scheduler with its parts: decider, nominator and cycle made for each other. */
import { Listers } from '../cluster/listers.ts';
import { createDecider, type DeciderKind } from './deciders.ts';
import type { TieRule } from './decision.ts';
import { defaultProfile, type Profile } from './profile.ts';
import { Nominator } from './queue/nominator.ts';
import { ScheduleOne } from './schedule-one.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';

type FromOutside = 'clock' | 'binder' | 'evictor' | 'onDecision' | 'backoff' | 'maxInUnschedulablePodsMs';

export interface SchedulerSetup extends Pick<SchedulerOptions, FromOutside> {
  /** 'scan' by default. */
  decider?: DeciderKind;
  /** The default profile by default. */
  profiles?: readonly Profile[];
  /** May hold objects already; the scheduler writes to it from then on. */
  listers?: Listers;
  tieRule?: TieRule;
  seed?: number;
}

export function createScheduler(setup: SchedulerSetup): Scheduler {
  const { profiles = [defaultProfile()], listers = new Listers(), tieRule, seed, clock } = setup;
  const nominator = new Nominator();
  const decider = createDecider(setup.decider ?? 'scan', { listers, profiles, nominated: nominator });
  const now = (): number => clock.now();
  const cycle = new ScheduleOne({ decider, profiles, listers, nominated: nominator, tieRule, seed, now });
  return new Scheduler({ ...setup, decider, profiles, listers, nominator, cycle });
}
