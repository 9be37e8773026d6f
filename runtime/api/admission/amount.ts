/**
 * Quantities that are added, compared and printed as Kubernetes prints them: '1536Mi' stays binary, '0.5' becomes '500m'.
 * Source: Kubernetes v1.36, apimachinery/pkg/api/resource/{quantity,suffix}.go.
 */
import { NANO, nanoOf, type QuantityText } from '../../../core/index.ts';

/** How it was written decides how it and its sums are printed. */
export type AmountFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Amount {
  nano: bigint;
  format: AmountFormat;
}

/** Resource name → amount. */
export type Amounts = ReadonlyMap<string, Amount>;

export const ONE: Amount = { nano: NANO, format: 'DecimalSI' };

/** Throws a RangeError for what is no quantity; validation has refused those. */
export function amountOf(quantity: QuantityText): Amount {
  const text = String(quantity);
  const format = text.endsWith('i') ? 'BinarySI' : /[eE][+-]?\d/.test(text) ? 'DecimalExponent' : 'DecimalSI';
  return { nano: nanoOf(quantity), format };
}

export function countOf(count: number): Amount {
  return { nano: BigInt(count) * NANO, format: 'DecimalSI' };
}

export function plus(a: Amount, b: Amount): Amount {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

export function minus(a: Amount, b: Amount): Amount {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Quantity.String(). */
export function amountText({ nano, format }: Amount): string {
  const binary = format === 'BinarySI' && (nano <= -1024n * NANO || nano >= 1024n * NANO);
  if (binary) return binaryText(nano);
  if (nano === 0n) return '0';
  let exponent = -9;
  let digits = nano;
  while (digits % 1000n === 0n && (format === 'DecimalExponent' || exponent < 18)) {
    digits /= 1000n;
    exponent += 3;
  }
  if (format !== 'DecimalExponent') return `${digits}${DECIMAL[(exponent + 9) / 3]}`;
  return exponent === 0 ? String(digits) : `${digits}e${exponent}`;
}

/** Whole units, rounded up, with the largest binary suffix that leaves a whole number. */
function binaryText(nano: bigint): string {
  const sign = nano < 0n ? '-' : '';
  let units = ((nano < 0n ? -nano : nano) + NANO - 1n) / NANO;
  let step = 0;
  while (units % 1024n === 0n && step < BINARY.length - 1) {
    units /= 1024n;
    step++;
  }
  return `${sign}${units}${BINARY[step]}`;
}
