/**
 * Each pod of a Job is counted once, though it may go at any moment after it has ended, and Keelson too: first its uid is
 * written into the Job's status, then its finalizer is taken away, then the uid becomes a count. Pure.
 * Source: Kubernetes v1.36, pkg/controller/job/job_controller.go (trackJobStatusAndRemoveFinalizers).
 */
import type { Pod } from '../../objects/types.ts';
import { rulingOn } from './failure-policy.ts';
import { formatIndexes, indexOf, parseIndexes } from './indexes.ts';
import { hasFailed, hasFinalizer, hasSucceeded, isIndexed, type Job } from './job-kind.ts';

/** Written down at once: a status must stay small. */
const UNCOUNTED_LIMIT = 500;

export interface Account {
  /** Pods that have ended: counted, and about to be. */
  succeeded: number;
  failed: number;
  /** As the status has to say it. */
  counts: { succeeded: number; failed: number };
  uncounted: { succeeded: string[]; failed: string[] };
  completed: Set<number>;
  completedIndexes: string | undefined;
  /** Those that may lose their finalizer once all this is written. */
  release: Pod[];
  /** Why the Job fails by its policy. */
  fails?: string;
}

/** @param released uids whose finalizer has been taken away, as far as that has not been observed. */
export function accountFor(job: Job, pods: readonly Pod[], released: ReadonlySet<string>): Account {
  const { status = {}, spec } = job;
  const completions = spec.completions ?? 0;
  const held = new Map(
    pods.filter((pod) => hasFinalizer(pod) && !released.has(uidOf(pod))).map((pod) => [uidOf(pod), pod]),
  );
  const before = status.uncountedTerminatedPods ?? {};
  const still = (uids: readonly string[] = []): string[] => uids.filter((uid) => held.has(uid));
  const uncounted = { succeeded: still(before.succeeded), failed: still(before.failed) };
  const counts = {
    succeeded: (status.succeeded ?? 0) + (before.succeeded?.length ?? 0) - uncounted.succeeded.length,
    failed: (status.failed ?? 0) + (before.failed?.length ?? 0) - uncounted.failed.length,
  };
  const completed = parseIndexes(status.completedIndexes, completions);
  const known = new Set([...uncounted.succeeded, ...uncounted.failed]);
  const release: Pod[] = [...known].map((uid) => held.get(uid) as Pod);
  let fails: string | undefined;
  for (const [uid, pod] of held) {
    if (known.has(uid)) continue;
    const failed = !hasSucceeded(pod) && hasFailed(pod, job);
    if ((!failed && !hasSucceeded(pod)) || release.length >= UNCOUNTED_LIMIT) continue;
    release.push(pod);
    if (failed) {
      const { action, message } = rulingOn(job, pod);
      if (action === 'FailJob') fails ??= message;
      if (action !== 'Ignore') uncounted.failed.push(uid);
    } else if (isIndexed(job)) {
      const index = indexOf(pod, completions);
      if (index !== undefined) completed.add(index);
    } else uncounted.succeeded.push(uid);
  }
  if (isIndexed(job)) counts.succeeded = completed.size;
  return {
    succeeded: counts.succeeded + uncounted.succeeded.length,
    failed: counts.failed + uncounted.failed.length,
    counts,
    uncounted,
    completed,
    completedIndexes: isIndexed(job) ? formatIndexes(completed) : undefined,
    release,
    ...(fails !== undefined && { fails }),
  };
}

export const uidOf = ({ metadata }: Pod): string => metadata.uid ?? '';
