/**
 * Columns that exist because some pod asked: label values, matching pods, frozen image counts. Bounded; the least
 * recently used makes room. A column handed out is valid until the cycle ends.
 */
import { labelOf } from '../objects/selectors.ts';
import type { Node } from '../objects/types.ts';
import type { GrowingColumns } from './columns.ts';
import type { Images } from './images.ts';
import { LabelDictionary } from './label-column.ts';
import type { MatchCounts, PodPredicate } from './match-counts.ts';
import type { PlacedPod } from './placed-pod.ts';
import { SlotTable } from './slots.ts';

/** Bytes that the columns of one dimension may take before the least recently used makes room. */
const BYTES = 64 * 1024 * 1024;
const MIN_SLOTS = 32;

/** For the checker: `at` says what the row of a node should hold. */
export interface ExpectedColumn {
  name: string;
  column: Int32Array;
  at: (row: number, node: Node) => number;
}

export class AskedColumns {
  readonly #store: GrowingColumns;
  readonly #images: Images;
  readonly #counts: MatchCounts;
  readonly #nodes: () => Iterable<[number, Node]>;
  readonly #labels = new SlotTable<LabelDictionary>();
  readonly #imageSlots = new SlotTable<string>();
  /** Grows when a column is made, or a dictionary may have changed: what was derived from them is made anew. */
  version = 0;

  constructor(store: GrowingColumns, images: Images, counts: MatchCounts, nodes: () => Iterable<[number, Node]>) {
    this.#store = store;
    this.#images = images;
    this.#counts = counts;
    this.#nodes = nodes;
  }

  /** Ids of the nodes' values of a label key, and the dictionary they belong to. */
  label(key: string, cycle: number): { ids: Int32Array; dictionary: LabelDictionary } {
    let slot = this.#labels.find(key, cycle);
    if (!slot) {
      slot = this.#labels.claim(key, new LabelDictionary(key), cycle, this.#limit());
      this.version++;
      this.#store.makeRoom({ labels: slot.index + 1 });
      this.#fillLabel(slot.index, slot.value);
    }
    return { ids: this.#store.current.label[slot.index], dictionary: slot.value };
  }

  /** Pods per row that the predicate counts. */
  match(predicate: PodPredicate, cycle: number): Int32Array {
    const slot = this.#counts.find(predicate, cycle);
    if (slot) return this.#store.current.matchCount[slot.index];
    const fresh = this.#counts.claim(predicate, cycle, this.#limit());
    this.version++;
    this.#store.makeRoom({ counts: fresh.index + 1 });
    this.#counts.fill(fresh, this.#store.current.matchCount[fresh.index]);
    return this.#store.current.matchCount[fresh.index];
  }

  /** Nodes that had the image when each row was last copied. */
  image(name: string, cycle: number): Int32Array {
    let slot = this.#imageSlots.find(name, cycle);
    if (!slot) {
      slot = this.#imageSlots.claim(name, name, cycle, this.#limit());
      this.version++;
      this.#store.makeRoom({ images: slot.index + 1 });
      const column = this.#store.current.imageNodes[slot.index].fill(0);
      for (const row of this.#images.rows()) column[row] = this.#images.frozenCount(row, name);
    }
    return this.#store.current.imageNodes[slot.index];
  }

  /** The node of a row is new or changed. Called between cycles only, since dictionaries may be made anew. */
  writeNode(row: number, node: Node): void {
    for (const { index, value } of this.#labels.values()) {
      // Values of nodes long gone would pile up under churn.
      if (value.size > 2 * this.#store.current.capacities.rows + 1024) this.#fillLabel(index, value);
      this.#store.current.label[index][row] = value.intern(labelOf(node.metadata.labels, value.key));
    }
  }

  /** The row is copied into a snapshot. */
  freezeImages(row: number): void {
    if (!this.#images.freeze(row)) return;
    for (const { index, value } of this.#imageSlots.values()) {
      this.#store.current.imageNodes[index][row] = this.#images.frozenCount(row, value);
    }
  }

  /** Every live column with what the objects say it should hold. */
  *expected(podsOn: (row: number) => readonly PlacedPod[]): Generator<ExpectedColumn> {
    const { label, imageNodes, matchCount } = this.#store.current;
    for (const { index, value } of this.#labels.values()) {
      const at = (_row: number, node: Node): number => {
        const text = labelOf(node.metadata.labels, value.key);
        return text === undefined ? 0 : value.find(text) || -1;
      };
      yield { name: `label ${value.key}`, column: label[index], at };
    }
    for (const { index, value } of this.#imageSlots.values()) {
      yield { name: `image ${value}`, column: imageNodes[index], at: (row) => this.#images.frozenCount(row, value) };
    }
    for (const { index, predicate } of this.#counts.live()) {
      const at = (row: number): number => {
        return podsOn(row).filter(({ labelClass }) => labelClass && predicate.matches(labelClass.value)).length;
      };
      yield { name: `count ${predicate.key}`, column: matchCount[index], at };
    }
  }

  #fillLabel(index: number, dictionary: LabelDictionary): void {
    dictionary.clear();
    const column = this.#store.current.label[index].fill(0);
    for (const [row, node] of this.#nodes())
      column[row] = dictionary.intern(labelOf(node.metadata.labels, dictionary.key));
  }

  #limit(): number {
    return Math.max(MIN_SLOTS, Math.floor(BYTES / (4 * this.#store.current.capacities.rows)));
  }
}
