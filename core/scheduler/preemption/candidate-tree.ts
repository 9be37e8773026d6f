/**
 * The nodes in walking order as the leaves of a binary tree: how many below each branch preemption may help, how many are
 * candidates, and which of those is the best. A leaf changes, and a search is answered, in as many steps as the tree is high.
 */

/** A node that no eviction can help. */
export const HOPELESS = 0;
/** Preemption may help, and finds nobody whose eviction does. */
export const POTENTIAL = 1;
/** Evictions there let the pod in. */
export const CANDIDATE = 2;
export type Prospect = typeof HOPELESS | typeof POTENTIAL | typeof CANDIDATE;

export class CandidateTree {
  readonly #mattersLess: (a: number, b: number) => boolean;
  /** A power of two. Place p is leaf `#leaves + p`; branch i stands over 2i and 2i + 1. */
  #leaves = 1;
  #potential = new Int32Array(2);
  #candidates = new Int32Array(2);
  /** [branch]: place of the first among the best candidates below; -1. */
  #best = new Int32Array(2).fill(-1);

  /** @param mattersLess whether the victims at place a matter less than those at place b. */
  constructor(mattersLess: (a: number, b: number) => boolean) {
    this.#mattersLess = mattersLess;
  }

  /** Nodes where preemption may help, the candidates included. */
  get potential(): number {
    return this.#potential[1];
  }

  get candidates(): number {
    return this.#candidates[1];
  }

  /** Steps that a change takes; `fill` takes two for each place. */
  get height(): number {
    return 31 - Math.clz32(this.#leaves);
  }

  /** All leaves anew. */
  fill(places: number, prospectAt: (place: number) => Prospect): void {
    let leaves = 1;
    while (leaves < places) leaves *= 2;
    if (leaves !== this.#leaves) {
      this.#leaves = leaves;
      this.#potential = new Int32Array(2 * leaves);
      this.#candidates = new Int32Array(2 * leaves);
      this.#best = new Int32Array(2 * leaves);
    }
    for (let place = 0; place < leaves; place++) this.#setLeaf(place, place < places ? prospectAt(place) : HOPELESS);
    for (let branch = leaves - 1; branch > 0; branch--) this.#join(branch);
  }

  /** The place has that prospect now, or another cost. */
  set(place: number, prospect: Prospect): void {
    this.#setLeaf(place, prospect);
    for (let branch = (this.#leaves + place) >> 1; branch > 0; branch >>= 1) this.#join(branch);
  }

  /**
   * From the offset-th potential place on, and from the beginning after the last place: the first among the best of the
   * first `enough` candidates; -1 when there are none.
   */
  pick(offset: number, enough: number): number {
    const wanted = Math.min(enough, this.candidates);
    if (wanted === 0) return -1;
    const start = this.#find(this.#potential, offset);
    const before = this.#countBefore(start);
    const tail = Math.min(wanted, this.candidates - before);
    const best = tail > 0 ? this.#bestBetween(start, this.#find(this.#candidates, before + tail - 1)) : -1;
    if (tail === wanted) return best;
    return this.#better(best, this.#bestBetween(0, this.#find(this.#candidates, wanted - tail - 1)));
  }

  #setLeaf(place: number, prospect: Prospect): void {
    const leaf = this.#leaves + place;
    this.#potential[leaf] = prospect === HOPELESS ? 0 : 1;
    this.#candidates[leaf] = prospect === CANDIDATE ? 1 : 0;
    this.#best[leaf] = prospect === CANDIDATE ? place : -1;
  }

  #join(branch: number): void {
    const left = 2 * branch;
    this.#potential[branch] = this.#potential[left] + this.#potential[left + 1];
    this.#candidates[branch] = this.#candidates[left] + this.#candidates[left + 1];
    this.#best[branch] = this.#better(this.#best[left], this.#best[left + 1]);
  }

  /** Of two places, the first of which comes first in the search. */
  #better(first: number, second: number): number {
    if (first < 0) return second;
    return second >= 0 && this.#mattersLess(second, first) ? second : first;
  }

  /** The place of the k-th that counts, from 0; there are more than k. */
  #find(counts: Int32Array, k: number): number {
    let branch = 1;
    while (branch < this.#leaves) {
      branch *= 2;
      if (counts[branch] > k) continue;
      k -= counts[branch];
      branch++;
    }
    return branch - this.#leaves;
  }

  /** Candidates at places before this one. */
  #countBefore(place: number): number {
    let count = 0;
    for (let branch = this.#leaves + place; branch > 1; branch >>= 1) {
      if (branch & 1) count += this.#candidates[branch - 1];
    }
    return count;
  }

  /** The first among the best at places from `from` to `to`, both included; -1. */
  #bestBetween(from: number, to: number): number {
    let first = -1;
    let last = -1;
    let low = this.#leaves + from;
    let high = this.#leaves + to + 1;
    while (low < high) {
      if (low & 1) first = this.#better(first, this.#best[low++]);
      if (high & 1) last = this.#better(this.#best[--high], last);
      low >>= 1;
      high >>= 1;
    }
    return this.#better(first, last);
  }
}
