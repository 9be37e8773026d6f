/** The endpoints that a request was already sent to: its next attempt goes to another one. */
const MAX_TRIED = 16;

/** Reused from request to request. Remembers the last 16; more attempts than that may come back to the first. */
export class Tried {
  readonly #endpoints = new Int32Array(MAX_TRIED).fill(-1);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(endpoint: number): void {
    this.#endpoints[this.#count % MAX_TRIED] = endpoint;
    this.#count++;
  }

  has(endpoint: number): boolean {
    const count = Math.min(this.#count, MAX_TRIED);
    for (let i = 0; i < count; i++) if (this.#endpoints[i] === endpoint) return true;
    return false;
  }

  clear(): void {
    this.#count = 0;
  }
}
