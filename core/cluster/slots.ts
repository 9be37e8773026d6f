/**
 * Columns made on demand: a key (label key, selector, image name) gets a slot when a pod first asks for it. Slots are
 * bounded; the one asked for least recently makes room, but never one that the running cycle holds.
 */

export interface Slot<T> {
  readonly key: string;
  readonly index: number;
  readonly value: T;
  /** The cycle that last asked. */
  usedIn: number;
}

export class SlotTable<T> {
  readonly #byKey = new Map<string, Slot<T>>(); // In order of last use, oldest first.
  #next = 0;

  get size(): number {
    return this.#byKey.size;
  }

  values(): IterableIterator<Slot<T>> {
    return this.#byKey.values();
  }

  /** The slot of `key`, now marked as used in `cycle`; undefined when it has none. */
  find(key: string, cycle: number): Slot<T> | undefined {
    const slot = this.#byKey.get(key);
    if (slot && slot.usedIn !== cycle) {
      slot.usedIn = cycle;
      this.#byKey.delete(key);
      this.#byKey.set(key, slot);
    }
    return slot;
  }

  /**
   * Gives `key` a slot index: a fresh one below `limit`, else that of the least recently used. If all are in use by
   * this very cycle the limit gives way. The caller fills the column.
   */
  claim(key: string, value: T, cycle: number, limit: number): Slot<T> {
    let index = this.#next;
    const oldest = this.#byKey.values().next().value;
    if (index >= limit && oldest && oldest.usedIn !== cycle) {
      this.#byKey.delete(oldest.key);
      index = oldest.index;
    } else {
      this.#next++;
    }
    const slot = { key, index, value, usedIn: cycle };
    this.#byKey.set(key, slot);
    return slot;
  }
}
