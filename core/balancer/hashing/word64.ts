/**
 * 64-bit words as two 32-bit halves. Every operation leaves its result in `high` and `low` (both int32): two module
 * variables instead of an object or a bigint, so that hashing allocates nothing.
 */
export let high = 0;
export let low = 0;

/** a × b, modulo 2^64. */
export function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  high = (upperProduct(aLow, bLow) + Math.imul(aLow, bHigh) + Math.imul(aHigh, bLow)) | 0;
  low = Math.imul(aLow, bLow);
}

export function add(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const sum = (aLow >>> 0) + (bLow >>> 0);
  high = (aHigh + bHigh + (sum > 0xffffffff ? 1 : 0)) | 0;
  low = sum | 0;
}

/** @param by 1 to 63. */
export function rotateLeft(aHigh: number, aLow: number, by: number): void {
  if (by === 32) {
    high = aLow;
    low = aHigh;
    return;
  }
  const [upper, lower] = by < 32 ? [aHigh, aLow] : [aLow, aHigh];
  const bits = by & 31;
  high = (upper << bits) | (lower >>> (32 - bits));
  low = (lower << bits) | (upper >>> (32 - bits));
}

/** a xor (a >>> by). @param by 1 to 63. */
export function foldRight(aHigh: number, aLow: number, by: number): void {
  if (by >= 32) {
    high = aHigh;
    low = aLow ^ (aHigh >>> (by - 32));
    return;
  }
  high = aHigh ^ (aHigh >>> by);
  low = aLow ^ ((aLow >>> by) | (aHigh << (32 - by)));
}

/** The word modulo a number up to 2^21. */
export function remainder(aHigh: number, aLow: number, divisor: number): number {
  return (((aHigh >>> 0) % divisor) * (4294967296 % divisor) + ((aLow >>> 0) % divisor)) % divisor;
}

/** The upper half of the 64-bit product of two unsigned 32-bit words. */
function upperProduct(a: number, b: number): number {
  const aLower = a & 0xffff;
  const aUpper = a >>> 16;
  const bLower = b & 0xffff;
  const bUpper = b >>> 16;
  const carried = aUpper * bLower + ((aLower * bLower) >>> 16);
  const middle = (carried & 0xffff) + aLower * bUpper;
  return aUpper * bUpper + (carried >>> 16) + (middle >>> 16);
}
