/**
 * What each row offers and what its pods take: resources, pod count, host ports. Doubles while they are exact; rows with
 * amounts at or above WIDE_FROM are flagged, summed anew at each change, and decided in bigint.
 */
import type { Node } from '../objects/types.ts';
import { allocatableOf } from './allocatable.ts';
import { CPU, EPHEMERAL_STORAGE, type GrowingColumns, MEMORY, WIDE_FROM } from './columns.ts';
import { Offers } from './offers.ts';
import type { PlacedPod } from './placed-pod.ts';
import { exactAmountsOf } from './pod-measures.ts';
import type { PodRequest } from './pod-request.ts';
import type { HeldPorts } from './ports.ts';
import type { ResourceNames } from './resource-names.ts';

/** [resource], whole units. */
export interface ExactRow {
  allocatable: bigint[];
  requested: bigint[];
  /** cpu, memory. */
  nonZeroRequested: [bigint, bigint];
}

/** Pods of a row, and the node there, if it exists. */
export type RowHolders = (row: number) => { node: Node | undefined; pods: readonly PlacedPod[] };

export class RowAmounts {
  readonly #store: GrowingColumns;
  readonly #names: ResourceNames;
  readonly #holders: RowHolders;
  readonly #offers: Offers;
  #wideRows = 0;

  constructor(store: GrowingColumns, names: ResourceNames, holders: RowHolders) {
    this.#store = store;
    this.#names = names;
    this.#holders = holders;
    this.#offers = new Offers(names);
  }

  /** Number of rows flagged wide. */
  get wideRows(): number {
    return this.#wideRows;
  }

  /** What the node object offers, written into its row; nothing, when the node is gone. */
  offer(row: number, node: Node | undefined): void {
    const { amounts, pods } = this.#offers.of(node); // The columns may move: they are read after it.
    const { allocatable, allowedPods } = this.#store.current;
    for (let r = 0; r < allocatable.length; r++) allocatable[r][row] = r < amounts.length ? amounts[r] : 0;
    allowedPods[row] = pods;
    this.#checkWide(row);
  }

  /** A pod with these ports came (+1) or left (-1). The row's pod list has changed already. */
  account(request: PodRequest, ports: HeldPorts, row: number, by: 1 | -1): void {
    const { requested, nonZeroRequested, podCount, usedPorts, wide } = this.#store.current;
    const { accounted, nonZero } = request;
    podCount[row] += by;
    for (const { id } of ports) {
      if (by > 0) usedPorts[id >> 5][row] |= 1 << (id & 31);
      else usedPorts[id >> 5][row] &= ~(1 << (id & 31));
    }
    let most = 0;
    for (let r = 0; r < accounted.length; r++) {
      const amount = requested[r][row] + by * accounted[r];
      requested[r][row] = amount;
      if (amount > most) most = amount;
    }
    const cpu = nonZeroRequested[CPU][row] + by * nonZero[CPU];
    const memory = nonZeroRequested[MEMORY][row] + by * nonZero[MEMORY];
    nonZeroRequested[CPU][row] = cpu;
    nonZeroRequested[MEMORY][row] = memory;
    if (wide[row] !== 0 || request.exact) this.#sumExactly(row);
    else if (Math.max(most, cpu, memory) >= WIDE_FROM) this.#checkWide(row);
  }

  /** Summed from the objects. Slow; only wide rows need it. */
  exact(row: number): ExactRow {
    const { node, pods } = this.#holders(row);
    const offered = allocatableOf(node);
    const allocatable = this.#names.all.map((name) => offered.scalars.get(name) ?? 0n);
    allocatable[CPU] = offered.cpu;
    allocatable[MEMORY] = offered.memory;
    allocatable[EPHEMERAL_STORAGE] = offered.ephemeralStorage;
    const requested = this.#names.all.map(() => 0n);
    const nonZeroRequested: [bigint, bigint] = [0n, 0n];
    for (const { request } of pods) {
      const amounts = exactAmountsOf(request);
      amounts.accounted.forEach((amount, r) => {
        requested[r] += amount;
      });
      nonZeroRequested[CPU] += amounts.nonZero[CPU];
      nonZeroRequested[MEMORY] += amounts.nonZero[MEMORY];
    }
    return { allocatable, requested, nonZeroRequested };
  }

  /** The row's amounts were put back by copy, or cleared: its flag is counted anew. */
  recount(wideBefore: number, row: number): void {
    this.#wideRows += this.#store.current.wide[row] - wideBefore;
  }

  /** A double cannot add and take away what it cannot hold. */
  #sumExactly(row: number): void {
    const { requested, nonZeroRequested } = this.#store.current;
    const sums = this.exact(row);
    sums.requested.forEach((amount, r) => {
      requested[r][row] = Number(amount);
    });
    nonZeroRequested[CPU][row] = Number(sums.nonZeroRequested[CPU]);
    nonZeroRequested[MEMORY][row] = Number(sums.nonZeroRequested[MEMORY]);
    this.#checkWide(row);
  }

  #checkWide(row: number): void {
    const { allocatable, requested, nonZeroRequested, wide } = this.#store.current;
    let is = nonZeroRequested[MEMORY][row] >= WIDE_FROM || nonZeroRequested[CPU][row] >= WIDE_FROM;
    const count = this.#names.all.length;
    for (let r = 0; r < count && !is; r++) is = allocatable[r][row] >= WIDE_FROM || requested[r][row] >= WIDE_FROM;
    const before = wide[row];
    wide[row] = is ? 1 : 0;
    this.recount(before, row);
  }
}
