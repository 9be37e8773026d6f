/** IP addresses and networks as numbers: parse, print in the canonical spelling, tell the special ranges. */
import type { IPFamily } from './service.ts';

export interface IpAddress {
  family: IPFamily;
  /** Big-endian, 32 or 128 bits. */
  value: bigint;
}

export interface Cidr {
  family: IPFamily;
  /** The network's own address: host bits are cleared. */
  base: bigint;
  prefixLength: number;
}

export const WIDTH: Readonly<Record<IPFamily, number>> = { IPv4: 32, IPv6: 128 };

/**
 * undefined when the text is no address. Leading zeros are decimal, as Kubernetes reads them; an IPv4 address written
 * as an IPv6 one ('::ffff:10.0.0.1') and a zone ('fe80::1%eth0') are refused.
 */
export function parseIp(text: string): IpAddress | undefined {
  if (!text.includes(':')) {
    const value = parseIPv4(text);
    return value === undefined ? undefined : { family: 'IPv4', value };
  }
  const value = parseIPv6(text);
  return value === undefined || value >> 32n === 0xffffn ? undefined : { family: 'IPv6', value };
}

function parseIPv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    const octet = /^\d{1,3}$/.test(part) ? Number(part) : 256;
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return BigInt(value);
}

function parseIPv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = hextets(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? hextets(halves[1], true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const hextet of [...head, ...new Array<number>(missing).fill(0), ...tail])
    value = (value << 16n) | BigInt(hextet);
  return value;
}

/** The last of them may be an IPv4 address, two hextets wide. */
function hextets(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const numbers: number[] = [];
  for (let i = 0; i < parts.length; i++) {
    if (/^[0-9a-fA-F]{1,4}$/.test(parts[i])) {
      numbers.push(Number.parseInt(parts[i], 16));
      continue;
    }
    const embedded = last && i === parts.length - 1 ? parseIPv4(parts[i]) : undefined;
    if (embedded === undefined) return undefined;
    numbers.push(Number(embedded >> 16n), Number(embedded & 0xffffn));
  }
  return numbers;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zeros as '::'. */
export function formatIp({ family, value }: IpAddress): string {
  if (family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  }
  const words: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) words.push(Number((value >> shift) & 0xffffn));
  const { from, length } = longestZeros(words);
  const spell = (some: number[]): string => some.map((word) => word.toString(16)).join(':');
  return length < 2 ? spell(words) : `${spell(words.slice(0, from))}::${spell(words.slice(from + length))}`;
}

function longestZeros(words: readonly number[]): { from: number; length: number } {
  let best = { from: 0, length: 0 };
  for (let from = 0; from < words.length; from++) {
    let length = 0;
    while (from + length < words.length && words[from + length] === 0) length++;
    if (length > best.length) best = { from, length };
  }
  return best;
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const CANONICAL_IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** The canonical spelling, or undefined when the text is no address. */
export function canonicalIp(text: string): string | undefined {
  // Nearly every address is written so, and need not be taken apart.
  if (CANONICAL_IPV4.test(text)) return text;
  const address = parseIp(text);
  return address && formatIp(address);
}

/** '10.96.0.0/16'; spaces around it are let pass, as the API server does. undefined when it is no network. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^\s*([^/\s]+)\/(\d{1,3})\s*$/.exec(text);
  const address = match && parseIp(match[1]);
  if (!address) return undefined;
  const prefixLength = Number(match[2]);
  const width = WIDTH[address.family];
  if (prefixLength > width) return undefined;
  const hostBits = BigInt(width - prefixLength);
  return { family: address.family, base: (address.value >> hostBits) << hostBits, prefixLength };
}

export function formatCidr({ family, base, prefixLength }: Cidr): string {
  return `${formatIp({ family, value: base })}/${prefixLength}`;
}

export function inCidr({ family, value }: IpAddress, cidr: Cidr): boolean {
  if (family !== cidr.family) return false;
  const hostBits = BigInt(WIDTH[family] - cidr.prefixLength);
  return value >> hostBits === cidr.base >> hostBits;
}

const SPECIAL: readonly { range: string; what: string }[] = [
  { range: '0.0.0.0/32', what: 'unspecified' },
  { range: '::/128', what: 'unspecified' },
  { range: '127.0.0.0/8', what: 'a loopback address (127.0.0.0/8, ::1)' },
  { range: '::1/128', what: 'a loopback address (127.0.0.0/8, ::1)' },
  { range: '169.254.0.0/16', what: 'link-local (169.254.0.0/16, fe80::/10)' },
  { range: 'fe80::/10', what: 'link-local (169.254.0.0/16, fe80::/10)' },
  { range: '224.0.0.0/24', what: 'link-local multicast (224.0.0.0/24, ff02::/16)' },
  { range: 'ff02::/16', what: 'link-local multicast (224.0.0.0/24, ff02::/16)' },
];
const SPECIAL_RANGES = SPECIAL.map(({ range, what }) => ({ cidr: parseCidr(range) as Cidr, what }));

/** Why traffic must not be sent there, in a few words; undefined for an ordinary address. */
export function specialRange(address: IpAddress): string | undefined {
  return SPECIAL_RANGES.find(({ cidr }) => inCidr(address, cidr))?.what;
}
