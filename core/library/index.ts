/**
 * What `import … from 'keelson'` gives: the scheduler as a library. Everything else in the package may change from one
 * version to the next.
 */
export { type Clock, VirtualClock } from '../clock.ts';
export type { Cluster } from '../cluster/cluster.ts';
export { CPU, EPHEMERAL_STORAGE, MEMORY } from '../cluster/columns.ts';
export { Listers } from '../cluster/listers.ts';
export type { PodRequest } from '../cluster/pod-request.ts';
export { ApiError, type ApiErrorCode, formatProblem, type Problem } from '../errors.ts';
export type * from '../objects/types.ts';
export type { Binder, Evictor } from '../scheduler/attempts.ts';
export { createQueuedScheduler, type SchedulerSetup } from '../scheduler/create-queued-scheduler.ts';
export type { DeciderKind } from '../scheduler/decider-kind.ts';
export type { Decision, PreemptionResult, TieRule } from '../scheduler/decision.ts';
export { type ExplainedNode, type Explanation, explanationRows } from '../scheduler/explain.ts';
export { defaultNormalize, MAX_NODE_SCORE, type PackedPlugin, SKIP, type View } from '../scheduler/framework.ts';
export { defaultProfile, type Profile } from '../scheduler/profile.ts';
export type { Scheduler } from '../scheduler/scheduler.ts';
export { type PluggedProfile, withPlugin } from '../scheduler/with-plugin.ts';
export { createScheduler, type DirectSchedulerOptions, readProfiles } from './create-scheduler.ts';
export type { DirectScheduler, ScheduleOptions } from './direct-scheduler.ts';
export { readObjects } from './intake.ts';
