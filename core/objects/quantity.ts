/**
 * Quantities, exact: '500m', '1.5Gi', '1e9' → whole nano-units as a bigint. Sums are made on these and rounded once.
 * Source: Kubernetes v1.36, apimachinery/pkg/api/resource/{quantity,amount,scale_int}.go.
 */
import type { QuantityText } from './types.ts';

export const NANO = 1_000_000_000n;
const MICRO = 1_000_000n;
export const INT64_MAX = (1n << 63n) - 1n;

const SHAPE = /^([+-]?)(\d+\.?\d*|\.\d+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$/;
const DECIMAL_EXPONENT: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY_SHIFT: Record<string, bigint> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
/** Longer texts and larger exponents cannot be meant; they would only burn time. */
const MAX_TEXT = 256;
const MAX_EXPONENT = 400;

const parsed = new Map<string, bigint>();
const PARSED_LIMIT = 20_000;

/** The exact value in nano-units, or undefined when the text is no quantity. Below a nano it rounds away from zero. */
export function parseQuantity(quantity: QuantityText): bigint | undefined {
  const text = typeof quantity === 'number' ? String(quantity) : quantity;
  if (typeof text !== 'string' || text.length > MAX_TEXT) return undefined;
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const nano = parseText(text);
  if (nano === undefined) return undefined;
  if (parsed.size >= PARSED_LIMIT) parsed.clear();
  parsed.set(text, nano);
  return nano;
}

function parseText(text: string): bigint | undefined {
  const match = SHAPE.exec(text);
  if (!match) return undefined;
  const [, sign, digits, suffix = ''] = match;
  const [whole, fraction = ''] = digits.split('.');
  let amount = BigInt(whole + fraction || '0');
  let exponent = 9 - fraction.length;
  const shift = BINARY_SHIFT[suffix];
  if (shift !== undefined) amount <<= shift;
  else if (suffix !== '') exponent += DECIMAL_EXPONENT[suffix] ?? Number(suffix.slice(1));
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  let nano = exponent >= 0 ? amount * 10n ** BigInt(exponent) : ceilDivide(amount, 10n ** BigInt(-exponent));
  if (shift !== undefined && nano > INT64_MAX * NANO) nano = INT64_MAX * NANO;
  return sign === '-' ? -nano : nano;
}

/** Nano-units of a quantity that validation has accepted; throws a RangeError on one it would have refused. */
export function nanoOf(quantity: QuantityText | undefined): bigint {
  if (quantity === undefined) return 0n;
  const nano = parseQuantity(quantity);
  if (nano === undefined) throw new RangeError(`'${quantity}' is not a quantity`);
  return nano;
}

/** Whole units, rounded away from zero: Quantity.Value(). */
export function unitsOf(nano: bigint): bigint {
  return nano < 0n ? -ceilDivide(-nano, NANO) : ceilDivide(nano, NANO);
}

/** Thousandths, rounded away from zero: Quantity.MilliValue(). */
export function milliUnitsOf(nano: bigint): bigint {
  return nano < 0n ? -ceilDivide(-nano, MICRO) : ceilDivide(nano, MICRO);
}

/** Too large for Quantity.Value() or, when `milli`, Quantity.MilliValue(). `nano` is the parsed `quantity`. */
export function overflowsInt64(quantity: QuantityText, nano: bigint, milli: boolean): boolean {
  if (nano > INT64_MAX * (milli ? MICRO : NANO)) return true;
  // Binary quantities were capped when they were parsed.
  return nano === INT64_MAX * NANO && String(quantity).endsWith('i');
}

function ceilDivide(amount: bigint, divisor: bigint): bigint {
  return (amount + divisor - 1n) / divisor;
}

/** Nano-units as the shortest decimal text that parses back to the same value: '1500m', '2', '7n'. */
export function formatQuantity(nano: bigint): string {
  if (nano % NANO === 0n) return String(nano / NANO);
  if (nano % MICRO === 0n) return `${nano / MICRO}m`;
  return nano % 1000n === 0n ? `${nano / 1000n}u` : `${nano}n`;
}
