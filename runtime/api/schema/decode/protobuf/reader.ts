/** Protobuf's wire format. Every length is checked; bytes that are none of it are a WireError. */

export class WireError extends Error {}

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
const GROUP_START = 3;
const GROUP_END = 4;
const FIXED32 = 5;

/** Groups within groups: nobody writes any, so they are only skipped. */
const GROUP_LIMIT = 16;

export class Reader {
  private readonly bytes: Uint8Array;
  private at: number;
  private readonly end: number;

  constructor(bytes: Uint8Array, from = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  tag(): { number: number; wire: number } {
    const tag = this.varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (number < 1 || number > 2 ** 29 - 1) throw new WireError(`illegal tag ${number} (wire type ${wire})`);
    return { number, wire };
  }

  /** As a signed 64-bit number, as Go writes int32, int64 and bool; beyond 2^53 the nearest that a number holds. */
  varint(): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.end) throw new WireError('unexpected EOF');
      const byte = this.bytes[this.at++];
      if (i < 4) low += (byte & 0x7f) * 2 ** (7 * i);
      else high += (byte & 0x7f) * 2 ** (7 * (i - 4));
      if (byte < 0x80) return signed(low, high);
    }
    throw new WireError('integer overflow');
  }

  double(): number {
    const from = this.at;
    this.jump(8);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + from, 8).getFloat64(0, true);
  }

  /** The part that a length announces. */
  part(): Reader {
    const [from, end] = this.span();
    return new Reader(this.bytes, from, end);
  }

  slice(): Uint8Array {
    const [from, end] = this.span();
    return this.bytes.subarray(from, end);
  }

  text(): string {
    const bytes = this.slice();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }

  private span(): [from: number, end: number] {
    const length = this.varint();
    if (length < 0) throw new WireError('negative length');
    const from = this.at;
    if (length > this.end - from) throw new WireError('unexpected EOF');
    this.at = from + length;
    return [from, this.at];
  }

  skip(wire: number, depth = 0): void {
    switch (wire) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.jump(8);
        return;
      case BYTES:
        this.span();
        return;
      case FIXED32:
        this.jump(4);
        return;
      case GROUP_START:
        this.skipGroup(depth + 1);
        return;
    }
    throw new WireError(`illegal wireType ${wire}`);
  }

  private skipGroup(depth: number): void {
    if (depth > GROUP_LIMIT) throw new WireError('groups are nested too deep');
    for (let { wire } = this.tag(); wire !== GROUP_END; { wire } = this.tag()) this.skip(wire, depth);
  }

  private jump(length: number): void {
    if (length > this.end - this.at) throw new WireError('unexpected EOF');
    this.at += length;
  }
}

/** `low`: 28 bits, `high`: those above. */
function signed(low: number, high: number): number {
  // Ten bytes hold 70 bits; those above 64 do not count.
  const upper = high % 2 ** 36;
  const value = upper * 2 ** 28 + low;
  return upper < 2 ** 35 ? value : Number(BigInt.asIntN(64, BigInt(upper) * (1n << 28n) + BigInt(low)));
}
