/** Values ↔ dense ids. Ids are counted and reused, so that churn does not grow a table for ever. */

export interface Interned<T> {
  readonly id: number;
  readonly key: string;
  readonly value: T;
  references: number;
}

/** Interns by a canonical text; an id is freed when its last holder releases it, and may then mean another value. */
export class Interner<T> {
  readonly #byKey = new Map<string, Interned<T>>();
  readonly #byId: (Interned<T> | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #onFree: (id: number) => void;

  /** @param onFree hears of each id before it can be reused: the place to forget what was cached under it. */
  constructor(onFree: (id: number) => void = () => {}) {
    this.#onFree = onFree;
  }

  acquire(key: string, make: () => T): Interned<T> {
    let entry = this.#byKey.get(key);
    if (!entry) {
      const id = this.#free.pop() ?? this.#byId.length;
      entry = { id, key, value: make(), references: 0 };
      this.#byKey.set(key, entry);
      this.#byId[id] = entry;
    }
    entry.references++;
    return entry;
  }

  release(entry: Interned<T>): void {
    entry.references--;
    if (entry.references > 0) return;
    this.#byKey.delete(entry.key);
    this.#byId[entry.id] = undefined;
    this.#free.push(entry.id);
    this.#onFree(entry.id);
  }

  at(id: number): Interned<T> | undefined {
    return this.#byId[id];
  }

  /** Ids are below this. */
  get bound(): number {
    return this.#byId.length;
  }

  get size(): number {
    return this.#byKey.size;
  }

  *[Symbol.iterator](): IterableIterator<Interned<T>> {
    yield* this.#byKey.values();
  }
}

/** Labels, or any string map, as one canonical text: equal maps give equal texts, others do not. */
export function canonicalPairs(pairs: Record<string, string> | undefined): string {
  if (!pairs) return '';
  const keys = Object.keys(pairs);
  if (keys.length > 1) keys.sort();
  let text = '';
  for (const key of keys) {
    const value = String(pairs[key]); // Objects that nobody validated may hold anything.
    text += `${key.length}:${key}=${value.length}:${value},`;
  }
  return text;
}
