/** What nodes offer, as columns hold it. Machines come in few shapes: those of a recent one are not read again. */
import type { Node, ResourceList } from '../objects/types.ts';
import { allocatableOf } from './allocatable.ts';
import type { ResourceNames } from './resource-names.ts';

export interface Offer {
  /** [resource id]; ids beyond its length are 0. */
  readonly amounts: Float64Array;
  readonly pods: number;
}

/** Shapes that are known at a glance. */
const RECENT = 8;

export class Offers {
  readonly #names: ResourceNames;
  readonly #recent: { source: ResourceList; offer: Offer }[] = [];
  #oldest = 0;

  constructor(names: ResourceNames) {
    this.#names = names;
  }

  /** Of a node, or nothing. A scalar that nobody has named gets its column here, for which the columns may move. */
  of(node: Node | undefined): Offer {
    const source = node?.status?.allocatable ?? {};
    for (const recent of this.#recent) if (sameAmounts(source, recent.source)) return recent.offer;
    const offer = this.#read(node);
    this.#recent[this.#oldest] = { source, offer };
    this.#oldest = (this.#oldest + 1) % RECENT;
    return offer;
  }

  #read(node: Node | undefined): Offer {
    const { cpu, memory, ephemeralStorage, pods, scalars } = allocatableOf(node);
    const amounts = [Number(cpu), Number(memory), Number(ephemeralStorage)];
    for (const [name, amount] of scalars) amounts[this.#names.idOf(name)] = Number(amount);
    return { amounts: Float64Array.from(amounts, (amount = 0) => amount), pods: Number(pods) };
  }
}

function sameAmounts(a: ResourceList, b: ResourceList): boolean {
  let more = 0;
  for (const name in a) {
    if (a[name] !== b[name]) return false;
    more++;
  }
  for (const _ in b) more--;
  return more === 0;
}
