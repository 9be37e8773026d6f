/** Growing numbers by half, so that little room stands empty. */

/** A copy with room for `least` numbers and half as many again as there were; what is new is 0, or `fill`. */
export function enlarged(numbers: Int32Array, least: number, fill = 0): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, numbers.length + (numbers.length >> 1)));
  larger.set(numbers);
  if (fill !== 0) larger.fill(fill, numbers.length);
  return larger;
}
