/** Keys in the order of lists, kept sorted under inserts and deletes: chunks of at most CHUNK, found by binary search. */

const CHUNK = 512;

export class SortedKeys {
  readonly #chunks: string[][] = [];
  size = 0;

  /** Nothing changes when the key is there. */
  add(key: string): void {
    const chunks = this.#chunks;
    if (chunks.length === 0) chunks.push([]);
    const last = chunks[chunks.length - 1];
    if (last.length === 0 || last[last.length - 1] < key) {
      // As they come when all are loaded, in order: chunks stay full.
      if (last.length === CHUNK) chunks.push([key]);
      else last.push(key);
      this.size++;
      return;
    }
    const c = this.#chunkOf(key);
    const chunk = chunks[c];
    const at = lowerBound(chunk, key);
    if (chunk[at] === key) return;
    chunk.splice(at, 0, key);
    this.size++;
    if (chunk.length > CHUNK) chunks.splice(c + 1, 0, chunk.splice(CHUNK >> 1));
  }

  delete(key: string): void {
    const c = this.#chunkOf(key);
    const chunk = this.#chunks[c];
    if (!chunk) return;
    const at = lowerBound(chunk, key);
    if (chunk[at] !== key) return;
    chunk.splice(at, 1);
    this.size--;
    if (chunk.length === 0) this.#chunks.splice(c, 1);
  }

  /** Keys that begin with `prefix`, in order. @param after only those behind it. */
  *range(prefix = '', after = ''): Generator<string> {
    const from = after > prefix ? after : prefix;
    for (let c = this.#chunkOf(from); c < this.#chunks.length; c++) {
      const chunk = this.#chunks[c];
      for (let i = lowerBound(chunk, from); i < chunk.length; i++) {
        const key = chunk[i];
        if (!key.startsWith(prefix)) return;
        if (key !== after) yield key;
      }
    }
  }

  /** The first chunk whose last key is not below `key`; the count of chunks when there is none. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = this.#chunks[middle];
      if (chunk[chunk.length - 1] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
