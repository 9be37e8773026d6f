/** Things in the order of their keys' UTF-8 bytes, in short runs: adding one of a million moves a thousand of them. */

const MOST = 1_024;

export class SortedByKey<T extends { readonly key: string }> {
  /** None is empty; all of a run stand before all of the next. */
  private readonly runs: T[][] = [];

  /** Nothing with its key is among them yet. */
  add(item: T): void {
    if (this.runs.length === 0) {
      this.runs.push([item]);
      return;
    }
    const r = Math.min(this.runOf(item.key), this.runs.length - 1);
    const run = this.runs[r];
    run.splice(lowerBound(run, item.key), 0, item);
    // A run that grows at its end is of rising keys: it stays full, as nothing will come between.
    if (run.length > MOST)
      this.runs.splice(r + 1, 0, run.splice(run[run.length - 1] === item ? run.length - 1 : run.length >> 1));
  }

  /** Something with this key is among them. */
  remove(key: string): void {
    const r = this.runOf(key);
    const run = this.runs[r];
    run.splice(lowerBound(run, key), 1);
    if (run.length === 0) this.runs.splice(r, 1);
  }

  /** In order, from the first whose key is not below `from`, until `visit` says false. */
  visitFrom(from: string, visit: (item: T) => boolean): void {
    for (let r = this.runOf(from); r < this.runs.length; r++) {
      const run = this.runs[r];
      for (let i = compareKeys(run[0].key, from) >= 0 ? 0 : lowerBound(run, from); i < run.length; i++)
        if (!visit(run[i])) return;
    }
  }

  /** The first run whose last key is not below the key. */
  private runOf(key: string): number {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const run = this.runs[middle];
      if (compareKeys(run[run.length - 1].key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

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

function lowerBound(run: readonly { readonly key: string }[], key: string): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(run[middle].key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
