/**
 * A 4-ary heap whose items are found, moved and removed by key. Four children halve the depth of a binary heap, and
 * siblings lie next to each other. Equal items come out in no particular order: give them a total one.
 */
import { assert } from '../../assert.ts';

const CHILDREN = 4;

export class IndexedHeap<T> {
  readonly #keyOf: (item: T) => string;
  readonly #before: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  readonly #places = new Map<string, number>();

  /** @param before a comes out before b; it may change for an item only between that item's `update` calls. */
  constructor(keyOf: (item: T) => string, before: (a: T, b: T) => boolean) {
    this.#keyOf = keyOf;
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  get(key: string): T | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#items[place];
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** The key must be new. */
  push(item: T): void {
    const key = this.#keyOf(item);
    assert(!this.#places.has(key), `${key} is in the heap already`);
    this.#items.push(item);
    this.#rise(this.#items.length - 1, item);
  }

  /** Takes the item's place anew after its order changed; the key must be there. */
  update(item: T): void {
    const place = this.#places.get(this.#keyOf(item));
    assert(place !== undefined, `${this.#keyOf(item)} is not in the heap`);
    this.#settle(place, item);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.#removeAt(0);
    return first;
  }

  remove(key: string): T | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const item = this.#items[place];
    this.#removeAt(place);
    return item;
  }

  /** In heap order, not sorted. */
  values(): IterableIterator<T> {
    return this.#items.values();
  }

  #removeAt(place: number): void {
    this.#places.delete(this.#keyOf(this.#items[place]));
    const last = this.#items.pop()!;
    if (place < this.#items.length) this.#settle(place, last);
  }

  /** Puts the item near `place`, up or down as its order demands. */
  #settle(place: number, item: T): void {
    if (place > 0 && this.#before(item, this.#items[(place - 1) >> 2])) this.#rise(place, item);
    else this.#sink(place, item);
  }

  #rise(from: number, item: T): void {
    const items = this.#items;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!this.#before(item, items[parent])) break;
      this.#put(place, items[parent]);
      place = parent;
    }
    this.#put(place, item);
  }

  #sink(from: number, item: T): void {
    const items = this.#items;
    const { length } = items;
    let place = from;
    for (;;) {
      const first = place * CHILDREN + 1;
      if (first >= length) break;
      let best = first;
      for (let child = first + 1; child < Math.min(first + CHILDREN, length); child++) {
        if (this.#before(items[child], items[best])) best = child;
      }
      if (!this.#before(items[best], item)) break;
      this.#put(place, items[best]);
      place = best;
    }
    this.#put(place, item);
  }

  #put(place: number, item: T): void {
    this.#items[place] = item;
    this.#places.set(this.#keyOf(item), place);
  }
}
