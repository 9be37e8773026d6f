/**
 * A what-if on one row: pods leave and come, and amounts, ports and the pod list of that row follow; no log, no counts,
 * no observers. `close` puts back exactly what was there. Opened by Cluster.overlay; one may be open at a time.
 */
import { copyRow, type GrowingColumns, restoreRow } from './columns.ts';
import type { PlacedPod } from './placed-pod.ts';
import type { PodRequest } from './pod-request.ts';
import type { HeldPorts } from './ports.ts';
import type { RowAmounts } from './row-amounts.ts';

/** What the cluster lends to an overlay. */
export interface OverlayHost {
  readonly store: GrowingColumns;
  readonly amounts: RowAmounts;
  holdPorts(request: PodRequest): HeldPorts;
  closed(guests: readonly PlacedPod[]): void;
}

export class Overlay {
  /** Pods on the row now, in NodeInfo order. */
  readonly pods: PlacedPod[];
  readonly #row: number;
  readonly #host: OverlayHost;
  readonly #guests: PlacedPod[] = [];
  readonly #restore: () => void;

  /** @param pods of the row; a list to keep and change. */
  constructor(row: number, pods: PlacedPod[], host: OverlayHost) {
    this.pods = pods;
    this.#row = row;
    this.#host = host;
    this.#restore = this.#copyRow();
  }

  add(placed: PlacedPod): void {
    this.pods.push(placed);
    this.#host.amounts.account(placed.request, placed.ports, this.#row, 1);
  }

  /** Adds a pod that sits nowhere yet. */
  addGuest(request: PodRequest): void {
    const ports = this.#host.holdPorts(request);
    const guest = { request, assumed: true, row: this.#row, labelClass: undefined, ports };
    this.#guests.push(guest);
    this.add(guest);
  }

  remove(placed: PlacedPod): void {
    swapRemove(this.pods, placed);
    this.#host.amounts.account(placed.request, placed.ports, this.#row, -1);
  }

  /** Remembers the row as it is now; the function it returns brings that back. */
  save(): () => void {
    const pods = [...this.pods];
    const restore = this.#copyRow();
    return () => {
      this.pods.splice(0, Infinity, ...pods);
      restore();
    };
  }

  close(): void {
    this.#restore();
    this.#host.closed(this.#guests);
  }

  #copyRow(): () => void {
    const { store, amounts } = this.#host;
    const row = this.#row;
    const copy = copyRow(store.current, row);
    return () => {
      const wide = store.current.wide[row];
      restoreRow(store.current, row, copy);
      amounts.recount(wide, row);
    };
  }
}

/** As NodeInfo removes a pod: the last one takes its place. */
export function swapRemove<T>(items: T[], item: T): void {
  const at = items.indexOf(item);
  if (at < 0) return;
  const last = items.pop() as T;
  if (at < items.length) items[at] = last;
}
