/** Lists of taints by id: nodes with equal lists share one, and a pod judges each of them once. */
import type { Node, Taint } from '../objects/types.ts';
import { type Interned, Interner } from './intern.ts';

const NO_TAINTS: readonly Taint[] = [];

export class TaintSets {
  readonly #sets = new Interner<readonly Taint[]>();

  constructor() {
    this.#sets.acquire('[]', () => NO_TAINTS); // Id 0 stays the empty list.
  }

  /** Ids are below this. */
  get bound(): number {
    return this.#sets.bound;
  }

  /** None when no node has that set now. */
  at(id: number): readonly Taint[] {
    return this.#sets.at(id)?.value ?? NO_TAINTS;
  }

  /** The node's list, in its order; to be released. */
  acquire(node: Node): Interned<readonly Taint[]> {
    const taints = node.spec?.taints ?? NO_TAINTS;
    if (taints.length === 0) return this.#sets.acquire('[]', () => NO_TAINTS);
    const key = JSON.stringify(taints.map((taint) => [taint.key, taint.value ?? '', taint.effect]));
    return this.#sets.acquire(key, () => taints);
  }

  release(set: Interned<readonly Taint[]>): void {
    this.#sets.release(set);
  }
}
