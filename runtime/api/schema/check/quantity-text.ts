/**
 * The one text a quantity is stored as: '0.5' → '500m', 1 → '1', '1024Mi' → '1Gi'. Whoever writes a quantity reads it
 * back so. Source: Kubernetes v1.36, apimachinery/pkg/api/resource/quantity.go (CanonicalizeBytes).
 */
import { NANO, parseQuantity } from '../../../../core/objects/index.ts';

const known = new Map<string | number, string>();
const KNOWN_LIMIT = 20_000;

/** undefined when it is no quantity. */
export function canonicalQuantity(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const before = known.get(value);
  if (before !== undefined) return before;
  const nano = parseQuantity(value);
  if (nano === undefined) return undefined;
  const text = format(nano, String(value));
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(value, text);
  return text;
}

const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

function format(nano: bigint, written: string): string {
  if (nano === 0n) return '0';
  // Without a binary suffix left it reads as a decimal one the next time, and is written as such.
  if (written.endsWith('i') && nano % (1024n * NANO) === 0n) return shift(nano / NANO, 1024n, BINARY_SUFFIXES);
  if (!/[eE][+-]?\d+$/.test(written)) return shift(nano, 1000n, DECIMAL_SUFFIXES);
  const [, digits, exponent] = /^(-?\d+?)((?:000)*)$/.exec(String(nano)) ?? ['', String(nano), ''];
  const power = exponent.length - 9;
  return power === 0 ? digits : `${digits}e${power}`;
}

/** The largest suffix that leaves a whole number. */
function shift(amount: bigint, base: bigint, suffixes: readonly string[]): string {
  let rest = amount;
  let step = 0;
  while (step < suffixes.length - 1 && rest % base === 0n) {
    rest /= base;
    step++;
  }
  return `${rest}${suffixes[step]}`;
}
