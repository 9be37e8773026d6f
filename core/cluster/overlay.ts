/**
 * A what-if on one row: pods leave and come, and amounts, ports and the pod list of that row follow; no log, no counts,
 * no observers. `close` puts back exactly what was there. Opened by Cluster.overlay; one may be open at a time.
 */
import type { PlacedPod } from './placed-pod.ts';
import type { PodRequest } from './pod-request.ts';

/** What the cluster lends to an overlay. */
export interface OverlayHost {
  account(placed: PlacedPod, by: 1 | -1): void;
  /** A pod that sits nowhere becomes one that could sit on the row. */
  invite(request: PodRequest): PlacedPod;
  /** Remembers the row's amounts; the function it returns brings them back. */
  save(): () => void;
  close(guests: readonly PlacedPod[]): void;
}

export class Overlay {
  /** Pods on the row now, in NodeInfo order. */
  readonly pods: PlacedPod[];
  readonly #host: OverlayHost;
  readonly #guests: PlacedPod[] = [];

  constructor(pods: PlacedPod[], host: OverlayHost) {
    this.pods = pods;
    this.#host = host;
  }

  add(placed: PlacedPod): void {
    this.pods.push(placed);
    this.#host.account(placed, 1);
  }

  /** Adds a pod that sits nowhere yet. */
  addGuest(request: PodRequest): void {
    const guest = this.#host.invite(request);
    this.#guests.push(guest);
    this.add(guest);
  }

  remove(placed: PlacedPod): void {
    swapRemove(this.pods, placed);
    this.#host.account(placed, -1);
  }

  /** Remembers the row as it is now; the function it returns brings that back. */
  save(): () => void {
    const pods = [...this.pods];
    const restore = this.#host.save();
    return () => {
      this.pods.splice(0, Infinity, ...pods);
      restore();
    };
  }

  close(): void {
    this.#host.close(this.#guests);
  }
}

/** As NodeInfo removes a pod: the last one takes its place. */
export function swapRemove<T>(items: T[], item: T): void {
  const at = items.indexOf(item);
  if (at < 0) return;
  const last = items.pop() as T;
  if (at < items.length) items[at] = last;
}
