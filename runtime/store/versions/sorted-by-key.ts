/** Things in the order of their keys' UTF-8 bytes, in short runs: adding one of a million moves a thousand of them. */

const MOST = 1_024;

type Below = (a: string, b: string) => boolean;

export class SortedByKey<T extends { readonly key: string }> {
  /** None is empty; all of a run stand before all of the next. */
  private readonly runs: T[][] = [];
  /** Of all keys there have been: strings compare as their bytes do. */
  private isPlain = true;

  /** Nothing with its key is among them yet. */
  add(item: T): void {
    this.isPlain &&= isPlain(item.key);
    if (this.runs.length === 0) {
      this.runs.push([item]);
      return;
    }
    const below = this.orderFor(item.key);
    const r = Math.min(this.runOf(item.key, below), this.runs.length - 1);
    const run = this.runs[r];
    run.splice(lowerBound(run, item.key, below), 0, item);
    // A run that grows at its end is of rising keys: it stays full, as nothing will come between.
    if (run.length > MOST)
      this.runs.splice(r + 1, 0, run.splice(run[run.length - 1] === item ? run.length - 1 : run.length >> 1));
  }

  /** Something with this key is among them. */
  remove(key: string): void {
    const below = this.orderFor(key);
    const r = this.runOf(key, below);
    const run = this.runs[r];
    run.splice(lowerBound(run, key, below), 1);
    if (run.length === 0) this.runs.splice(r, 1);
  }

  /** In order, from the first whose key is not below `from`, until `visit` says false. */
  visitFrom(from: string, visit: (item: T) => boolean): void {
    const below = this.orderFor(from);
    for (let r = this.runOf(from, below); r < this.runs.length; r++) {
      const run = this.runs[r];
      for (let i = below(run[0].key, from) ? lowerBound(run, from, below) : 0; i < run.length; i++)
        if (!visit(run[i])) return;
    }
  }

  /** The first run whose last key is not below the key. */
  private runOf(key: string, below: Below): number {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const run = this.runs[middle];
      if (below(run[run.length - 1].key, key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private orderFor(key: string): Below {
    return this.isPlain && isPlain(key) ? isBelow : isBelowByBytes;
  }
}

/** Without surrogates, and what stands above them among UTF-16 units. */
function isPlain(key: string): boolean {
  return !/[\ud800-\uffff]/.test(key);
}

/** Several times as fast. */
const isBelow: Below = (a, b) => a < b;
const isBelowByBytes: Below = (a, b) => compareKeys(a, b) < 0;

/** The sign says which comes first by UTF-8 bytes, which is by code points; strings themselves compare by UTF-16 units. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function lowerBound(run: readonly { readonly key: string }[], key: string, below: Below): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (below(run[middle].key, key)) low = middle + 1;
    else high = middle;
  }
  return low;
}
