/** Whether a Job is done, has failed, or has to wait before it tries again. Pure. Source: Kubernetes v1.36, pkg/controller/job/{job_controller,backoff_utils}.go. */
import type { ContainerStatus, Pod } from '../../objects/types.ts';
import { isActive } from '../pod-state.ts';
import { timeOf } from '../time.ts';
import type { Account } from './account.ts';
import { hasSucceeded, type Job } from './job-kind.ts';

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 600_000;

export interface Verdict {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

/** @param active pods that are neither over nor going. */
export function verdictOn(job: Job, account: Account, active: readonly Pod[], nowMs: number): Verdict | undefined {
  const { backoffLimit = 6 } = job.spec;
  if (account.fails !== undefined) return failed('PodFailurePolicy', account.fails);
  if (account.failed > backoffLimit || restartsPast(job, active, backoffLimit)) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  if (deadlineAfter(job, nowMs) === 0) {
    return failed('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  return isComplete(job, account, active)
    ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    : undefined;
}

const failed = (reason: string, message: string): Verdict => ({ type: 'Failed', reason, message });

function isComplete({ spec }: Job, { succeeded }: Account, active: readonly Pod[]): boolean {
  if (spec.completions === undefined) return succeeded > 0 && active.length === 0;
  return succeeded >= spec.completions;
}

/** Of pods that restart their containers in place, each restart is a failure. */
function restartsPast({ spec }: Job, active: readonly Pod[], limit: number): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const count = ({ status }: Pod): number =>
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].reduce(
      (sum, one) => sum + ((one as ContainerStatus & { restartCount?: number }).restartCount ?? 0),
      0,
    );
  const restarts = active.reduce((sum, pod) => sum + count(pod), 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Milliseconds until its time is over; undefined without a limit, or while it is suspended. */
export function deadlineAfter({ spec, status }: Job, nowMs: number): number | undefined {
  const startMs = timeOf(status?.startTime);
  if (spec.activeDeadlineSeconds === undefined || startMs === undefined || spec.suspend) return undefined;
  return Math.max(0, startMs + spec.activeDeadlineSeconds * 1000 - nowMs);
}

/** Milliseconds until the next pod may be made: 10 s after a failure, twice as long after each further one in a row. */
export function backoffAfter(pods: readonly Pod[], nowMs: number): number {
  const ended = pods
    .filter((pod) => !isActive(pod))
    .map((pod) => ({ failed: !hasSucceeded(pod), ms: endedMs(pod) ?? nowMs }))
    .sort((a, b) => a.ms - b.ms);
  const since = ended.slice(ended.findLastIndex((one) => !one.failed) + 1);
  if (since.length === 0) return 0;
  const waitMs = Math.min(FIRST_BACKOFF_MS * 2 ** (since.length - 1), LONGEST_BACKOFF_MS);
  return Math.max(0, (since.at(-1)?.ms ?? 0) + waitMs - nowMs);
}

function endedMs({ status, metadata }: Pod): number | undefined {
  const times = (status?.containerStatuses ?? []).map((one) => {
    const { state } = one as ContainerStatus & { state?: { terminated?: { finishedAt?: string } } };
    return timeOf(state?.terminated?.finishedAt);
  });
  const known = times.filter((ms) => ms !== undefined);
  if (known.length > 0) return Math.max(...known);
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return timeOf(ready?.lastTransitionTime) ?? timeOf(metadata.deletionTimestamp) ?? timeOf(metadata.creationTimestamp);
}

/** How many pods are to be active now. */
export function wantedActive(job: Job, { succeeded }: Account, active: number): number {
  const { parallelism = 1, completions, suspend } = job.spec;
  if (suspend) return 0;
  if (completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}
