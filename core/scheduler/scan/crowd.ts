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
  readonly #guests: (readonly PodRequest[])[];
  readonly #rejections: (Rejection | null)[];

  /**
   * @param at zeroes by row, the crowd's while it lives.
   * @param judge says why the pod may not join the guests of a row.
   */
  constructor(
    nominated: NominatedPods,
    pod: PodRequest,
    cluster: Cluster,
    at: Int32Array,
    judge: (guests: readonly PodRequest[], row: number) => Rejection | null,
  ) {
    this.#at = at;
    let count = 0;
    this.#guests = new Array(nominated.size);
    this.#rejections = new Array(nominated.size);
    for (const [nodeName, pods] of nominated.byNode()) {
      const list = listOf(pods, cluster);
      const row = rowOf(list, nodeName, cluster);
      const guests = row < 0 ? NOBODY : guestsIn(list, pod);
      if (guests.length === 0) continue;
      this.#rejections[count] = judge(guests, row);
      this.#guests[count] = guests;
      at[row] = ++count;
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

/** Pods nominated to one node, and its row while no node came or went. */
interface GuestList {
  readonly requests: readonly PodRequest[];
  shape: number;
  row: number;
}

/** By the nominator's lists, which are replaced when they change. */
const listsIn = new WeakMap<Cluster, WeakMap<readonly Pod[], GuestList>>();

/** Of the pods nominated to a node, those of at least the pod's priority, the pod itself left out. */
export function guestsAmong(nominated: readonly Pod[], pod: PodRequest, cluster: Cluster): readonly PodRequest[] {
  return nominated.length === 0 ? NOBODY : guestsIn(listOf(nominated, cluster), pod);
}

function listOf(nominated: readonly Pod[], cluster: Cluster): GuestList {
  let lists = listsIn.get(cluster);
  if (!lists) listsIn.set(cluster, (lists = new WeakMap()));
  let list = lists.get(nominated);
  if (!list) {
    const requests = nominated.map((pod) => cluster.request(pod, podKey(pod)));
    list = { requests, shape: -1, row: -1 };
    lists.set(nominated, list);
  }
  return list;
}

function rowOf(list: GuestList, nodeName: string, cluster: Cluster): number {
  const { shape } = cluster;
  if (list.shape !== shape) {
    list.shape = shape;
    list.row = cluster.rowOf(nodeName);
  }
  return list.row;
}

/** The same array as long as all of them stay. */
function guestsIn({ requests }: GuestList, pod: PodRequest): readonly PodRequest[] {
  for (let i = 0; i < requests.length; i++) {
    if (!mayStay(requests[i], pod)) return requests.filter((other) => mayStay(other, pod));
  }
  return requests;
}

function mayStay(guest: PodRequest, pod: PodRequest): boolean {
  return guest.priority >= pod.priority && guest.key !== pod.key;
}
