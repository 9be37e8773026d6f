/**
 * The pods that count, by key and by row: rows of numbers beside three references, so that a million of them are a few
 * arrays and no objects. A pod has a slot as long as it counts; who asks about one gets a PlacedPod made for the occasion.
 */
import type { Pod } from '../objects/types.ts';
import { enlarged } from './enlarged.ts';
import type { Interned, Interner } from './intern.ts';
import { KeyIndex } from './key-index.ts';
import type { LabelClass } from './match-counts.ts';
import type { PlacedPod } from './placed-pod.ts';
import { PodRequest } from './pod-request.ts';
import type { PodTemplate } from './pod-template.ts';
import { type HeldPorts, NO_PORTS } from './ports.ts';

/** Numbers of a slot, by their place. */
const FIELDS = 3;
/** Twice the row, and one more for an assumed pod. */
const PLACE = 0;
/** Id of the label class. */
const LABELS = 1;
/** The slot of the pod that came before it to the row; of a free slot, the next free one. */
const OLDER = 2;

const NONE = -1;
const SMALLEST = 64;

export class PlacedPods {
  readonly #classes: Pick<Interner<LabelClass>, 'at'>;
  readonly #index = new KeyIndex();
  /** [slot] */
  readonly #pods: (Pod | undefined)[] = [];
  readonly #templates: (PodTemplate | undefined)[] = [];
  #facts = new Int32Array(SMALLEST * FIELDS);
  /** Of slots that hold any. */
  readonly #ports = new Map<number, HeldPorts>();
  #free = NONE;
  /** [row]: the slot of the pod that came last. */
  #newest = new Int32Array(SMALLEST).fill(NONE);

  /** @param classes knows the label classes of all pods here. */
  constructor(classes: Pick<Interner<LabelClass>, 'at'>) {
    this.#classes = classes;
  }

  get size(): number {
    return this.#index.size;
  }

  /** The slot of a key, or -1. @param hash of the key (hashKey). */
  find(key: string, hash: number): number {
    return this.#index.find(key, hash);
  }

  /** Whether that very pod has the slot, assumed or not. */
  is(slot: number, pod: Pod, assumed: boolean): boolean {
    return this.#pods[slot] === pod && this.isAssumed(slot) === assumed;
  }

  isAssumed(slot: number): boolean {
    return (this.#facts[slot * FIELDS + PLACE] & 1) !== 0;
  }

  isEmptyAt(row: number): boolean {
    return row >= this.#newest.length || this.#newest[row] === NONE;
  }

  /** A pod whose key has no slot comes to the row, after those that are there. @param hash of its key. */
  add(
    { pod, key, template }: PodRequest,
    hash: number,
    row: number,
    assumed: boolean,
    { id }: Interned<LabelClass>,
    ports: HeldPorts,
  ): void {
    const slot = this.#claim();
    this.#index.add(key, hash, slot);
    this.#pods[slot] = pod;
    this.#templates[slot] = template;
    if (row >= this.#newest.length) this.#newest = enlarged(this.#newest, row + 1, NONE);
    if ((slot + 1) * FIELDS > this.#facts.length) this.#facts = enlarged(this.#facts, (slot + 1) * FIELDS);
    const facts = this.#facts;
    const at = slot * FIELDS;
    facts[at + PLACE] = 2 * row + (assumed ? 1 : 0);
    facts[at + LABELS] = id;
    facts[at + OLDER] = this.#newest[row];
    this.#newest[row] = slot;
    if (ports.length > 0) this.#ports.set(slot, ports);
  }

  /**
   * The pod of a slot as it is now, where it stays on its row and is of the same make: what it counts there stays as it is.
   * As one that is taken and comes again it is the newest on its row. One that holds host ports has to be taken: another
   * pod that left the row may have taken them along, as NodeInfo has it, and they come back with this one.
   * @returns whether it was renewed.
   */
  renew(slot: number, { pod, template }: PodRequest, row: number, assumed: boolean): boolean {
    if (this.#templates[slot] !== template || this.#ports.has(slot)) return false;
    const facts = this.#facts;
    const at = slot * FIELDS;
    if (facts[at + PLACE] >> 1 !== row) return false;
    this.#pods[slot] = pod;
    facts[at + PLACE] = 2 * row + (assumed ? 1 : 0);
    this.#unlink(slot, row);
    facts[at + OLDER] = this.#newest[row];
    this.#newest[row] = slot;
    return true;
  }

  /** The pod of a slot, which is free from now on. As NodeInfo does it, the newest on its row takes its place there. */
  take(slot: number): PlacedPod {
    const placed = this.at(slot);
    this.#unlink(slot, placed.row);
    this.#index.delete(slot);
    this.#pods[slot] = undefined;
    this.#templates[slot] = undefined;
    this.#ports.delete(slot);
    this.#facts[slot * FIELDS + OLDER] = this.#free;
    this.#free = slot;
    return placed;
  }

  at(slot: number): PlacedPod {
    const at = slot * FIELDS;
    const place = this.#facts[at + PLACE];
    const pod = this.#pods[slot] as Pod;
    const template = this.#templates[slot] as PodTemplate;
    const labelClass = this.#classes.at(this.#facts[at + LABELS]);
    const ports = this.#ports.size > 0 ? (this.#ports.get(slot) ?? NO_PORTS) : NO_PORTS;
    const request = new PodRequest(pod, this.#index.keyAt(slot), template);
    return { request, assumed: (place & 1) !== 0, row: place >> 1, labelClass, ports };
  }

  /** In NodeInfo order: as they came, but where one left the newest took its place. */
  on(row: number): PlacedPod[] {
    const pods: PlacedPod[] = [];
    if (this.isEmptyAt(row)) return pods;
    for (let slot = this.#newest[row]; slot !== NONE; slot = this.#older(slot)) pods.push(this.at(slot));
    return pods.reverse();
  }

  /** In no order that means anything. */
  *[Symbol.iterator](): Generator<PlacedPod> {
    for (let slot = 0; slot < this.#pods.length; slot++) if (this.#pods[slot]) yield this.at(slot);
  }

  /** Row and label class of each. */
  eachCounted(visit: (row: number, labelClass: Interned<LabelClass>) => void): void {
    const facts = this.#facts;
    for (let slot = 0; slot < this.#pods.length; slot++) {
      if (!this.#pods[slot]) continue;
      const at = slot * FIELDS;
      visit(facts[at + PLACE] >> 1, this.#classes.at(facts[at + LABELS]) as Interned<LabelClass>);
    }
  }

  #claim(): number {
    const slot = this.#free;
    if (slot === NONE) return this.#pods.length;
    this.#free = this.#older(slot);
    return slot;
  }

  #older(slot: number): number {
    return this.#facts[slot * FIELDS + OLDER];
  }

  #unlink(slot: number, row: number): void {
    const facts = this.#facts;
    const newest = this.#newest[row];
    const olderThanNewest = this.#older(newest);
    this.#newest[row] = olderThanNewest;
    if (slot === newest) return;
    facts[newest * FIELDS + OLDER] = this.#older(slot);
    if (slot === olderThanNewest) {
      this.#newest[row] = newest;
      return;
    }
    let younger = olderThanNewest;
    while (this.#older(younger) !== slot) younger = this.#older(younger);
    facts[younger * FIELDS + OLDER] = newest;
  }
}
