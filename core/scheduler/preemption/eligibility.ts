/**
 * Whether a pod that fits nowhere may evict others, or must wait for those already leaving on its account.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/defaultpreemption (PodEligibleToPreemptOthers).
 */
import { isTerminating, type Pod, priorityOf } from '../../objects/types.ts';
import type { Cycle } from '../framework.ts';
import { type Diagnosis, statusOf } from '../message.ts';

/** Undefined when it may; otherwise why not, as the failure text says it. */
export function whyNotEligible(cycle: Cycle, diagnosis: Diagnosis): string | undefined {
  const { pod } = cycle;
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const { nominatedNodeName } = pod.status ?? {};
  if (!nominatedNodeName) return undefined;
  const n = cycle.nodeIndex(nominatedNodeName);
  if (n < 0 || statusOf(diagnosis, n).code === 'UnschedulableAndUnresolvable') return undefined;
  const node = cycle.dryRun(n);
  const leaving = node.pods.some((p) => priorityOf(p) < priorityOf(pod) && isPreempted(p));
  node.close();
  return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function isPreempted(pod: Pod): boolean {
  if (!isTerminating(pod)) return false;
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}
