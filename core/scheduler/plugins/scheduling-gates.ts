/**
 * SchedulingGates: a pod with spec.schedulingGates is not scheduled until the list is empty.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/schedulinggates.
 */
import type { Pod } from '../../objects/types.ts';

/** Asked each time a pod is about to enter activeQ or backoffQ; false keeps it gated. */
export interface PreEnqueuePlugin {
  readonly name: string;
  preEnqueue(pod: Pod): boolean;
}

export const schedulingGates: PreEnqueuePlugin = {
  name: 'SchedulingGates',
  preEnqueue: (pod) => !pod.spec.schedulingGates?.length,
};
