/** activeQ: pods the scheduler takes from, in PrioritySort's order. */
import { prioritySort } from '../plugins/priority-sort.ts';
import { IndexedHeap } from './indexed-heap.ts';
import type { QueuedPod } from './queued-pod.ts';

export class ActiveQueue extends IndexedHeap<QueuedPod> {
  constructor() {
    super(({ key }) => key, prioritySort.before);
  }
}
