/**
 * PrioritySort: which pod leaves activeQ first.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/queuesort/priority_sort.go.
 */
import { type Pod, priorityOf } from '../../objects/types.ts';

interface Queued {
  pod: Pod;
  timestamp: number;
  sequence: number;
}

export const prioritySort = {
  name: 'PrioritySort',

  /** Higher priority, then longer in the queue. Kubernetes leaves equals unordered; here the one that came first wins. */
  before(a: Queued, b: Queued): boolean {
    const byPriority = priorityOf(b.pod) - priorityOf(a.pod);
    if (byPriority !== 0) return byPriority < 0;
    if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp;
    return a.sequence < b.sequence;
  },
};
