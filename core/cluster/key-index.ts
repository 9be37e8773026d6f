/**
 * Slots by key: a hash table of numbers with open addressing, since an entry of a Map takes four times the room and, for
 * a text that was never looked up before, twice the time.
 */
import { enlarged } from './enlarged.ts';

const SMALLEST = 64;
/** At most so many eighths of the table are taken. */
const MOST_EIGHTHS = 6;

/** FNV-1a over UTF-16 units, with its high bits mixed in: low bits choose the place in the table. */
export function hashKey(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

export class KeyIndex {
  /** [slot]; '' where it has no key. */
  readonly #keys: string[] = [];
  /** [slot] */
  #hashes = new Int32Array(SMALLEST);
  /** At hash or after it: slot + 1, or 0. */
  #table = new Int32Array(SMALLEST);
  size = 0;

  /** The slot of a key, or -1. @param hash of the key (hashKey). */
  find(key: string, hash: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    for (let at = hash & mask; table[at] !== 0; at = (at + 1) & mask) {
      const slot = table[at] - 1;
      if (this.#hashes[slot] === hash && this.#keys[slot] === key) return slot;
    }
    return -1;
  }

  /** Neither the key nor the slot has an entry. Slots are dense: no higher than those before it by more than one. */
  add(key: string, hash: number, slot: number): void {
    if (slot >= this.#hashes.length) this.#hashes = enlarged(this.#hashes, slot + 1);
    this.#keys[slot] = key;
    this.#hashes[slot] = hash;
    this.size++;
    if (8 * this.size > MOST_EIGHTHS * this.#table.length) this.#double();
    this.#enter(slot);
  }

  /** The slot's entry goes; those after it move up to where they are found without it. */
  delete(slot: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = this.#hashes[slot] & mask;
    while (table[hole] !== slot + 1) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[table[at] - 1] & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue; // It would come before where it is looked for.
      table[hole] = table[at];
      hole = at;
    }
    table[hole] = 0;
    this.#keys[slot] = '';
    this.size--;
  }

  /** '' for a slot without an entry. */
  keyAt(slot: number): string {
    return this.#keys[slot];
  }

  #enter(slot: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let at = this.#hashes[slot] & mask;
    while (table[at] !== 0) at = (at + 1) & mask;
    table[at] = slot + 1;
  }

  #double(): void {
    const slots = this.#table;
    this.#table = new Int32Array(2 * slots.length);
    for (let at = 0; at < slots.length; at++) if (slots[at] !== 0) this.#enter(slots[at] - 1);
  }
}
