/** Addresses of pods on made-up nodes: 1 to 254 in the /24 of each node, a bit each. */

const WORDS = 8;

export class AddressPool {
  readonly #bits: Uint32Array;

  constructor(nodes: number) {
    this.#bits = new Uint32Array(nodes * WORDS);
    // The network's own address, and the one for all.
    for (let node = 0; node < nodes; node++) {
      this.#bits[node * WORDS] = 1;
      this.#bits[node * WORDS + WORDS - 1] = 0x8000_0000;
    }
  }

  /** node * 256 + the last byte; undefined when the node has none left. */
  take(node: number): number | undefined {
    for (let word = 0; word < WORDS; word++) {
      const free = ~this.#bits[node * WORDS + word] >>> 0;
      if (free === 0) continue;
      const bit = 31 - Math.clz32(free & -free);
      this.#bits[node * WORDS + word] |= 1 << bit;
      return node * 256 + word * 32 + bit;
    }
    return undefined;
  }

  /** An address that is in use already, as after a restart; undefined when it is none of ours. */
  claim(ip: string): number | undefined {
    const [first, second, third, last] = ip.split('.').map(Number);
    const node = (second - 128) * 256 + third;
    if (first !== 10 || !(node >= 0 && node * WORDS < this.#bits.length) || !(last > 0 && last < 255)) return undefined;
    this.#bits[node * WORDS + (last >> 5)] |= 1 << (last & 31);
    return node * 256 + last;
  }

  free(address: number): void {
    const last = address & 255;
    this.#bits[(address >> 8) * WORDS + (last >> 5)] &= ~(1 << (last & 31));
  }
}
