/**
 * As many pods at a time as a Job allows, until enough of them have succeeded, or too many have failed.
 * Source: Kubernetes v1.36, pkg/controller/job/job_controller.go.
 */
import { isFinished, isTerminating, type KubeObject, keyOf, type Pod } from '../../objects/types.ts';
import { type Condition, conditionOf, withCondition } from '../conditions.ts';
import {
  type Action,
  CONFLICT,
  type Controller,
  NOT_FOUND,
  type Part,
  RefusedError,
  type Sync,
  splitKey,
  tell,
  unlessGone,
  type World,
} from '../controller.ts';
import { Expectations } from '../expectations.ts';
import { withoutZeros } from '../non-zero.ts';
import { claim, controllerOf } from '../owners.ts';
import { isActive, isReady } from '../pod-state.ts';
import { podWatch } from '../replica-set/watches.ts';
import { JOBS, PODS } from '../resources.ts';
import { sameValue } from '../same-value.ts';
import { slowStart } from '../slow-start.ts';
import { timeText } from '../time.ts';
import { type Account, accountFor, uidOf } from './account.ts';
import { indexOf, nextIndexes } from './indexes.ts';
import {
  finishedAt,
  hasFinalizer,
  isIndexed,
  type Job,
  type JobStatus,
  selectorOf,
  TRACKING_FINALIZER,
} from './job-kind.ts';
import { podOfJob } from './pod-of-job.ts';
import { backoffAfter, deadlineAfter, type Verdict, verdictOn, wantedActive } from './verdict.ts';

/** Pods made or deleted in one look. */
const BURST = 500;
/** On the way to Complete and Failed: decided, and pods are still ending. */
const INTERIM = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const;

interface Memory {
  expectations: Expectations;
  /** Uids of pods whose finalizer has been taken away; that it has gone is not yet observed. */
  released: Set<string>;
  /** By key: the version of the Job as it was last written. An older one does not know whom it has counted. */
  written: Map<string, string>;
}

export function jobController(): Controller {
  const memory: Memory = { expectations: new Expectations(), released: new Set(), written: new Map() };
  const { expectations, released } = memory;
  const ofPods = podWatch(
    { kind: 'Job', resource: JOBS, selectorOf: (owner) => selectorOf(owner as KubeObject as Job) },
    expectations,
  );
  return {
    name: 'job-controller',
    watches: [
      {
        resource: JOBS,
        keys({ object, gone }) {
          if (gone) expectations.forget(keyOf(object));
          if (gone) memory.written.delete(keyOf(object));
          return [keyOf(object)];
        },
      },
      {
        resource: PODS,
        *keys(change, observed) {
          const pod = change.object as Pod;
          if (change.gone || !hasFinalizer(pod)) released.delete(uidOf(pod));
          yield* ofPods.keys(change, observed);
          // Of a Job that has gone: nobody will count it.
          const owner = controllerOf(pod);
          if (owner?.kind === 'Job' && hasFinalizer(pod)) yield `${pod.metadata.namespace}/${owner.name}`;
        },
      },
    ],
    *sync(key, world) {
      const { namespace, name } = splitKey(key);
      const job = world.observed.get(JOBS, namespace, name) as Job | undefined;
      yield* releaseOrphans(memory, namespace, name, job, world);
      return job ? yield* syncJob({ memory, key, job, world }) : undefined;
    },
  };
}

interface Look {
  memory: Memory;
  key: string;
  job: Job;
  world: World;
}

function* syncJob(look: Look): Sync {
  const { memory, key, job, world } = look;
  const { nowMs } = world;
  // The event that tells of it will come.
  if (isOlder(job, memory.written.get(key))) return undefined;
  // Asked before the pods are read: what arrives in between is then not counted twice.
  const mayManage = memory.expectations.satisfied(key, nowMs);
  const { uid = '', namespace = '' } = job.metadata;
  const mine = [...world.observed.controlledBy(PODS, uid, namespace)] as Pod[];
  if (finishedAt(job) || job.metadata.deletionTimestamp) {
    yield* release(memory, mine.filter(hasFinalizer));
    return undefined;
  }
  const nobodys = [...world.observed.controlledBy(PODS, '', namespace)] as Pod[];
  const candidates = [...mine, ...nobodys.filter(isActive)];
  const pods = yield* claim({ owner: job, ownerResource: JOBS, selector: selectorOf(job), resource: PODS }, candidates);
  const account = accountFor(job, pods, memory.released);
  const active = pods.filter((pod) => isActive(pod) && !memory.expectations.awaitsDeletion(key, uidOf(pod)));
  const verdict = decidedBefore(job) ?? verdictOn(job, account, active, nowMs);
  const status = statusOf(look, { pods, active, account, verdict });
  yield* writeStatus(look, status);
  yield* release(memory, account.release);
  const waitMs = backoffAfter(pods, nowMs);
  if (mayManage) yield* verdict ? endPods(look, active) : manage(look, { pods, active, account, waitMs });
  const times = [deadlineAfter(job, nowMs), waitMs || undefined, memory.expectations.givenUpAfter(key, nowMs)];
  const due = times.filter((ms) => ms !== undefined && ms > 0) as number[];
  return due.length > 0 ? { afterMs: Math.min(...due) } : undefined;
}

/** Versions are numbers. Source: Kubernetes v1.36, apimachinery/pkg/util/resourceversion. */
function isOlder({ metadata: { resourceVersion = '' } }: Job, written = ''): boolean {
  return (
    resourceVersion.length < written.length || (resourceVersion.length === written.length && resourceVersion < written)
  );
}

/** What was decided stays decided, whatever pods do that are still ending. */
function decidedBefore({ status }: Job): Verdict | undefined {
  for (const type of ['Failed', 'Complete'] as const) {
    const condition = conditionOf(status?.conditions, INTERIM[type]);
    if (condition?.status === 'True') return { type, reason: condition.reason ?? '', message: condition.message ?? '' };
  }
  return undefined;
}

// --- pods -------------------------------------------------------------------------------------------------------------

interface Present {
  pods: readonly Pod[];
  active: readonly Pod[];
  account: Account;
}

function* manage(look: Look, { pods, active, account, waitMs }: Present & { waitMs: number }): Part<void> {
  const { job } = look;
  const wanted = wantedActive(job, account, active.length);
  if (active.length > wanted) {
    yield* takeAway(look, leastUseful(active, active.length - wanted));
    return;
  }
  // Where only what has failed is replaced, what is still ending keeps its place.
  const ending = job.spec.podReplacementPolicy === 'Failed' ? pods.filter(isEnding).length : 0;
  const missing = Math.min(wanted - active.length - ending, BURST);
  if (missing > 0 && waitMs === 0) yield* makePods(look, indexesFor(look, pods, account, missing));
}

const isEnding = (pod: Pod): boolean => isTerminating(pod) && !isFinished(pod);

function indexesFor({ job, memory }: Look, pods: readonly Pod[], { completed }: Account, count: number) {
  if (!isIndexed(job)) return Array.from({ length: count }, () => undefined);
  const { completions = 0, podReplacementPolicy } = job.spec;
  const holds = (pod: Pod): boolean => isActive(pod) || (podReplacementPolicy === 'Failed' && isEnding(pod));
  const taken = pods.filter((pod) => holds(pod) && !memory.released.has(uidOf(pod)));
  const indexes = taken.flatMap((pod) => indexOf(pod, completions) ?? []);
  return nextIndexes(count, completions, completed, new Set(indexes));
}

function* makePods({ memory, key, job, world }: Look, indexes: readonly (number | undefined)[]): Part<void> {
  const { expectations } = memory;
  expectations.expectCreations(key, indexes.length, world.nowMs);
  const actions = indexes.map((index): Action => ({ type: 'create', resource: PODS, object: podOfJob(job, index) }));
  const { outcomes, refusal } = yield* slowStart(actions);
  const made = outcomes.filter((outcome) => !outcome.refusal);
  for (let i = made.length; i < indexes.length; i++) expectations.creationObserved(key);
  for (const { object } of made)
    yield* tell(job, 'Normal', 'SuccessfulCreate', `Created pod: ${object?.metadata.name}`);
  if (!refusal || refusal.causes.includes('NamespaceTerminating')) return;
  yield* tell(job, 'Warning', 'FailedCreate', `Error creating: ${refusal.message}`);
  throw new RefusedError(refusal);
}

/** Pods that do the least go first: not ready before ready, young before old. */
function leastUseful(active: readonly Pod[], count: number): Pod[] {
  const age = ({ metadata }: Pod): string => metadata.creationTimestamp ?? '';
  return [...active]
    .sort((a, b) => Number(isReady(a)) - Number(isReady(b)) || (age(a) < age(b) ? 1 : -1))
    .slice(0, Math.min(count, BURST));
}

/** They are not counted: it is not their failure. */
function* takeAway(look: Look, pods: readonly Pod[]): Part<void> {
  yield* release(look.memory, pods.filter(hasFinalizer));
  yield* endPods(look, pods);
}

function* endPods({ memory, key, job, world }: Look, pods: readonly Pod[]): Part<void> {
  if (pods.length === 0) return;
  const { expectations } = memory;
  expectations.expectDeletions(key, pods.map(uidOf), world.nowMs);
  const outcomes = yield pods.map(({ metadata: { namespace = '', name, uid } }): Action => {
    return { type: 'delete', resource: PODS, namespace, name, uid };
  });
  for (const [i, { refusal }] of outcomes.entries()) {
    const { name } = pods[i].metadata;
    if (refusal) expectations.deletionObserved(key, uidOf(pods[i]));
    else yield* tell(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    if (refusal && refusal.code !== NOT_FOUND) throw new RefusedError(refusal);
  }
}

// --- finalizers ---------------------------------------------------------------------------------------------------------

function* release({ released }: Memory, pods: readonly Pod[]): Part<void> {
  const left = pods.filter((pod) => !released.has(uidOf(pod)));
  if (left.length === 0) return;
  const outcomes = yield left.map(({ metadata }): Action => {
    const { namespace = '', name, uid, resourceVersion, finalizers = [] } = metadata;
    const body = {
      metadata: { uid, resourceVersion, finalizers: finalizers.filter((one) => one !== TRACKING_FINALIZER) },
    };
    return { type: 'patch', resource: PODS, namespace, name, patch: 'merge', body };
  });
  for (const [i, { refusal }] of outcomes.entries()) {
    if (!refusal) released.add(uidOf(left[i]));
    // It has changed meanwhile, which will be told, or has gone.
    else if (refusal.code !== NOT_FOUND && refusal.code !== CONFLICT) throw new RefusedError(refusal);
  }
}

function* releaseOrphans(
  memory: Memory,
  namespace: string,
  name: string,
  job: Job | undefined,
  { observed }: World,
): Part<void> {
  const orphans = ([...observed.list(PODS, namespace)] as Pod[]).filter((pod) => {
    const owner = controllerOf(pod);
    return owner?.kind === 'Job' && owner.name === name && owner.uid !== job?.metadata.uid && hasFinalizer(pod);
  });
  yield* release(memory, orphans);
}

// --- status -----------------------------------------------------------------------------------------------------------

function statusOf({ job, world: { nowMs } }: Look, seen: Present & { verdict?: Verdict }): JobStatus {
  const { pods, active, account, verdict } = seen;
  const now = timeText(nowMs);
  const { status: old = {}, spec } = job;
  let conditions = old.conditions ?? [];
  const add = (type: string, status: string, reason: string, message: string): void => {
    const condition: Condition = { type, status, reason, message, lastProbeTime: now, lastTransitionTime: now };
    conditions = withCondition(conditions, condition);
  };
  const suspended = conditionOf(conditions, 'Suspended')?.status === 'True';
  if (!verdict && spec.suspend && !suspended) add('Suspended', 'True', 'JobSuspended', 'Job suspended');
  if (!verdict && !spec.suspend && suspended) add('Suspended', 'False', 'JobResumed', 'Job resumed');
  if (verdict) add(INTERIM[verdict.type], 'True', verdict.reason, verdict.message);
  const ending = pods.filter(isEnding).length;
  const { succeeded, failed } = account.uncounted;
  // It is over when nothing of it runs any more and all of it has been counted.
  const over = verdict && decidedBefore(job) && active.length === 0 && ending === 0 && account.release.length === 0;
  if (over && verdict) add(verdict.type, 'True', verdict.reason, verdict.message);
  return {
    ...withoutZeros({ active: active.length, ...account.counts }),
    ready: active.filter(isReady).length,
    terminating: ending,
    ...(!spec.suspend && { startTime: suspended ? now : (old.startTime ?? now) }),
    ...(over && verdict?.type === 'Complete' && { completionTime: now }),
    ...(account.completedIndexes && { completedIndexes: account.completedIndexes }),
    uncountedTerminatedPods: { ...(succeeded.length > 0 && { succeeded }), ...(failed.length > 0 && { failed }) },
    ...(conditions.length > 0 && { conditions }),
  };
}

/** The version is a condition: a count that was made of an old status must not replace a newer one. */
function* writeStatus({ job, key, memory }: Look, status: JobStatus): Part<void> {
  if (sameValue(job.status ?? {}, status)) return;
  const written = yield* unlessGone({
    type: 'update',
    resource: JOBS,
    object: { ...job, status } as Job,
    subresource: 'status',
  });
  if (written?.metadata.resourceVersion) memory.written.set(key, written.metadata.resourceVersion);
  const turned = (type: string): boolean => {
    return conditionOf(status.conditions, type)?.status !== conditionOf(job.status?.conditions, type)?.status;
  };
  if (turned('Complete')) yield* tell(job, 'Normal', 'Completed', 'Job completed');
  for (const type of ['Failed', 'Suspended']) {
    const { status: is, reason = '', message = '' } = conditionOf(status.conditions, type) ?? {};
    if (turned(type))
      yield* tell(
        job,
        type === 'Failed' ? 'Warning' : 'Normal',
        is === 'False' ? 'Resumed' : type === 'Failed' ? reason : 'Suspended',
        message,
      );
  }
}
