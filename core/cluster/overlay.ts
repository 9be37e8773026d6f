/**
 * A what-if on one row: pods leave and come, and amounts, ports and the pod list of that row follow; no log, no counts,
 * no observers. `close` puts back exactly what was there. Opened by Cluster.overlay; one may be open at a time.
 */
import type { PlacedPod } from './placed-pod.ts';

export class Overlay {
  /** Pods on the row now, in NodeInfo order. */
  readonly pods: PlacedPod[];
  /** Pods that may be added though they sit nowhere: handed in when the overlay was opened. */
  readonly guests: readonly PlacedPod[];
  readonly #account: (placed: PlacedPod, by: 1 | -1) => void;
  readonly #save: () => () => void;
  readonly #close: () => void;

  constructor(
    pods: PlacedPod[],
    guests: readonly PlacedPod[],
    account: (placed: PlacedPod, by: 1 | -1) => void,
    save: () => () => void,
    close: () => void,
  ) {
    this.pods = pods;
    this.guests = guests;
    this.#account = account;
    this.#save = save;
    this.#close = close;
  }

  add(placed: PlacedPod): void {
    this.pods.push(placed);
    this.#account(placed, 1);
  }

  remove(placed: PlacedPod): void {
    swapRemove(this.pods, placed);
    this.#account(placed, -1);
  }

  /** Remembers the row as it is now; the function it returns brings that back. */
  save(): () => void {
    const pods = [...this.pods];
    const restore = this.#save();
    return () => {
      this.pods.splice(0, Infinity, ...pods);
      restore();
    };
  }

  close(): void {
    this.#close();
  }
}

/** As NodeInfo removes a pod: the last one takes its place. */
export function swapRemove<T>(items: T[], item: T): void {
  const at = items.indexOf(item);
  if (at < 0) return;
  const last = items.pop() as T;
  if (at < items.length) items[at] = last;
}
