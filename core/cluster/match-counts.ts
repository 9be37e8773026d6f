/**
 * Matching pods per node for the selectors that pods ask about, kept current by the changes alone. Pods with equal
 * namespace, labels and terminating flag are one label class: a selector is matched once per class, not per pod.
 */
import type { Labels } from '../objects/types.ts';
import { type Interned, Interner } from './intern.ts';
import type { PodRequest } from './pod-request.ts';
import { type Slot, SlotTable } from './slots.ts';

export interface LabelClass {
  namespace: string;
  labels: Labels | undefined;
  terminating: boolean;
}

/** Which pods are counted. `key` must be equal for equal predicates. */
export interface PodPredicate {
  key: string;
  matches(labelClass: LabelClass): boolean;
}

const UNKNOWN = 0;
const NO = 1;
const YES = 2;

class Counter {
  readonly predicate: PodPredicate;
  #verdicts = new Uint8Array(64);

  constructor(predicate: PodPredicate) {
    this.predicate = predicate;
  }

  counts(entry: Interned<LabelClass>): boolean {
    if (entry.id >= this.#verdicts.length) {
      const larger = new Uint8Array(entry.id * 2);
      larger.set(this.#verdicts);
      this.#verdicts = larger;
    }
    if (this.#verdicts[entry.id] === UNKNOWN) {
      this.#verdicts[entry.id] = this.predicate.matches(entry.value) ? YES : NO;
    }
    return this.#verdicts[entry.id] === YES;
  }

  forget(id: number): void {
    if (id < this.#verdicts.length) this.#verdicts[id] = UNKNOWN;
  }
}

/** Tells of every pod on a row, as far as it is counted. */
type EachCounted = (visit: (row: number, labelClass: Interned<LabelClass>) => void) => void;

export class MatchCounts {
  readonly classes = new Interner<LabelClass>((id) => {
    for (const { value } of this.#slots.values()) value.forget(id);
  });
  readonly #slots = new SlotTable<Counter>();
  readonly #eachPlaced: EachCounted;

  /** @param eachPlaced for columns that are asked for later. */
  constructor(eachPlaced: EachCounted) {
    this.#eachPlaced = eachPlaced;
  }

  /** Pods of one make come in a row. */
  #last: Interned<LabelClass> | undefined;

  classOf(request: PodRequest): Interned<LabelClass> {
    const last = this.#last;
    if (last && last.references > 0 && last.key === request.template.labelText) {
      last.references++;
      return last;
    }
    return (this.#last = this.classes.acquire(request.template.labelText, () => ({
      namespace: request.namespace,
      labels: request.pod.metadata.labels,
      terminating: request.terminating,
    })));
  }

  /** A pod of that class came to (+1) or left (-1) the row. */
  shift(columns: readonly Int32Array[], row: number, entry: Interned<LabelClass>, by: 1 | -1): void {
    if (this.#slots.size === 0) return;
    for (const { index, value } of this.#slots.values()) if (value.counts(entry)) columns[index][row] += by;
  }

  find(predicate: PodPredicate, cycle: number): Slot<unknown> | undefined {
    return this.#slots.find(predicate.key, cycle);
  }

  /** Claims a slot for a predicate that has none. The caller makes room for its column and then calls fill. */
  claim(predicate: PodPredicate, cycle: number, limit: number): Slot<Counter> {
    return this.#slots.claim(predicate.key, new Counter(predicate), cycle, limit);
  }

  fill(slot: Slot<Counter>, column: Int32Array): void {
    column.fill(0);
    this.#eachPlaced((row, labelClass) => {
      if (slot.value.counts(labelClass)) column[row]++;
    });
  }

  /** Recounts every live column: for the checker. */
  *live(): Generator<{ index: number; predicate: PodPredicate }> {
    for (const { index, value } of this.#slots.values()) yield { index, predicate: value.predicate };
  }
}
