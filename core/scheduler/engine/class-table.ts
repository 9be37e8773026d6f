/** Classes by key, bounded: the one used least recently goes. */
import type { EngineLimits } from './limits.ts';
import type { PodClass } from './pod-class.ts';

/** Of a class without shared parts, per node: cell, verdict of filters that do not heed pods, entries in buckets. */
export const BYTES_PER_NODE_PLAIN = 24;
/** Of any other, about: tables of three shared parts besides. */
export const BYTES_PER_NODE_AND_CLASS = 96;
const MAX_BYTES = 256 * 1024 * 1024;
const MIN_CLASSES = 8;
const MAX_CLASSES = 1024;
/** Keys of pods seen once. */
const MAX_SEEN = 8192;

export class ClassTable {
  readonly #classes = new Map<string, { made: PodClass; usedAt: number; onCredit: boolean }>();
  #uses = 0;
  #credit: number;
  readonly #seen = new Set<string>();
  readonly #buildFrom: 1 | 2;

  constructor({ buildFrom, onCredit }: Pick<EngineLimits, 'buildFrom' | 'onCredit'>) {
    this.#buildFrom = buildFrom;
    this.#credit = onCredit;
  }

  get size(): number {
    return this.#classes.size;
  }

  find(key: string): PodClass | undefined {
    const found = this.#classes.get(key);
    if (!found) return undefined;
    found.usedAt = ++this.#uses;
    if (found.onCredit) {
      found.onCredit = false;
      this.#credit++;
    }
    return found.made;
  }

  /** Whether to build a class for the pod that asks now. */
  isWorthwhile(key: string): boolean {
    if (this.#buildFrom === 1 || this.#seen.has(key) || this.#credit > 0) return true;
    if (this.#seen.size >= MAX_SEEN) this.#seen.clear();
    this.#seen.add(key);
    return false;
  }

  has(key: string): boolean {
    return this.#classes.has(key);
  }

  /** How many more classes without shared parts there is room for. @param rows of the cluster. */
  spare(rows: number): number {
    const most = Math.max(MIN_CLASSES, Math.floor(MAX_BYTES / (rows * BYTES_PER_NODE_PLAIN)));
    return Math.max(0, Math.min(MAX_CLASSES, most) - this.#classes.size);
  }

  /** @param rows of the cluster. @param sure its second pod is known to come. */
  add(key: string, made: PodClass, rows: number, sure = false): void {
    const onCredit = !sure && this.#buildFrom > 1 && !this.#seen.has(key);
    if (onCredit) this.#credit--;
    this.#classes.set(key, { made, usedAt: ++this.#uses, onCredit });
    while (this.#classes.size > MIN_CLASSES && (this.#classes.size > MAX_CLASSES || this.#bytes(rows) > MAX_BYTES)) {
      this.#dropOldest();
    }
  }

  /** One that is yet to be built counts as plain. */
  #bytes(rows: number): number {
    let bytes = 0;
    for (const { made } of this.#classes.values()) {
      bytes += rows * (made.hasShared ? BYTES_PER_NODE_AND_CLASS : BYTES_PER_NODE_PLAIN);
    }
    return bytes;
  }

  *entries(): Generator<[string, PodClass]> {
    for (const [key, { made }] of this.#classes) yield [key, made];
  }

  #dropOldest(): void {
    let oldest = '';
    let usedAt = Infinity;
    for (const [key, found] of this.#classes) {
      if (found.usedAt >= usedAt) continue;
      oldest = key;
      usedAt = found.usedAt;
    }
    this.#classes.delete(oldest);
  }
}
