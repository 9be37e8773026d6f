/** Rows with nominated pods, as one cycle counts them, and where they leave no place for its pod. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Pod } from '../../objects/types.ts';
import { type NominatedPods, podKey, type Rejection } from '../framework.ts';

/** No guests; always this list. */
export const NOBODY: readonly PodRequest[] = [];

export class Crowd {
  /** [row]: 1 + place in the lists below; 0 for rows without guests. */
  readonly #at: Int32Array;
  readonly #guests: (readonly PodRequest[])[] = [];
  readonly #rejections: (Rejection | null)[] = [];

  /** @param judge says why the pod may not join the guests of a row. */
  constructor(
    nominated: NominatedPods,
    pod: PodRequest,
    cluster: Cluster,
    judge: (guests: readonly PodRequest[], row: number) => Rejection | null,
  ) {
    this.#at = new Int32Array(cluster.rows);
    for (const name of nominated.nodeNames()) {
      const row = cluster.rowOf(name);
      const guests = row < 0 ? NOBODY : guestsAmong(nominated.onNode(name), pod, cluster);
      if (guests.length === 0) continue;
      this.#rejections.push(judge(guests, row));
      this.#at[row] = this.#guests.push(guests);
    }
  }

  guestsOn(row: number): readonly PodRequest[] {
    const at = this.#at[row];
    return at ? this.#guests[at - 1] : NOBODY;
  }

  /** Null where guests leave place, or nobody is nominated. */
  rejectionOn(row: number): Rejection | null {
    const at = this.#at[row];
    return at ? this.#rejections[at - 1] : null;
  }
}

/** By the nominator's lists, which are replaced when they change. */
type Requests = WeakMap<readonly Pod[], readonly PodRequest[]>;
const requestsIn = new WeakMap<Cluster, Requests>();

/** Those of at least the pod's priority, the pod itself left out; mostly the same list for the same nominated pods. */
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
