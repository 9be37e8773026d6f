/** Pods nominated to a node, as a cycle counts them: those that its pod may not push aside. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Pod } from '../../objects/types.ts';
import { podKey } from '../framework.ts';

const NOBODY: readonly PodRequest[] = [];

/** By the nominator's lists, which are replaced when they change. */
type Requests = WeakMap<readonly Pod[], readonly PodRequest[]>;
const requestsIn = new WeakMap<Cluster, Requests>();

/** Those of at least the pod's priority, the pod itself left out. */
export function guestsAmong(nominated: readonly Pod[], pod: PodRequest, cluster: Cluster): readonly PodRequest[] {
  if (nominated.length === 0) return NOBODY;
  let lists = requestsIn.get(cluster);
  if (!lists) requestsIn.set(cluster, (lists = new WeakMap()));
  let all = lists.get(nominated);
  if (!all) {
    all = nominated.map((other) => cluster.request(other, podKey(other)));
    lists.set(nominated, all);
  }
  for (let i = 0; i < all.length; i++) {
    if (!mayStay(all[i], pod)) return all.filter((other) => mayStay(other, pod));
  }
  return all;
}

function mayStay(guest: PodRequest, pod: PodRequest): boolean {
  return guest.priority >= pod.priority && guest.key !== pod.key;
}
