/** A scheduler with a queue and its parts: decider, nominator and cycle made for each other. */
import { Listers } from '../cluster/listers.ts';
import type { DeciderKind } from './decider-kind.ts';
import { createDecider } from './deciders.ts';
import type { TieRule } from './decision.ts';
import { defaultProfile } from './profile.ts';
import { Nominator } from './queue/nominator.ts';
import { ScheduleOne } from './schedule-one.ts';
import { Scheduler, type SchedulerOptions } from './scheduler.ts';
import { type PluggedProfile, pluginsOf } from './with-plugin.ts';

type FromOutside = 'clock' | 'binder' | 'evictor' | 'onDecision' | 'backoff' | 'maxInUnschedulablePodsMs';

export interface SchedulerSetup extends Pick<SchedulerOptions, FromOutside> {
  /** 'engine' by default. */
  decider?: DeciderKind;
  /** The default profile by default. */
  profiles?: readonly PluggedProfile[];
  /** May hold objects already; the scheduler writes to it from then on. */
  listers?: Listers;
  tieRule?: TieRule;
  seed?: number;
}

export function createQueuedScheduler(setup: SchedulerSetup): Scheduler {
  const { profiles = [defaultProfile()], listers = new Listers(), tieRule, seed, clock } = setup;
  const nominator = new Nominator();
  const plugins = pluginsOf(profiles);
  const decider = createDecider(setup.decider ?? 'engine', { listers, profiles, nominated: nominator, plugins });
  const now = (): number => clock.now();
  const cycle = new ScheduleOne({ decider, profiles, listers, nominated: nominator, tieRule, seed, now });
  return new Scheduler({ ...setup, decider, profiles, listers, nominator, cycle });
}
