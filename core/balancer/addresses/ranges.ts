/**
 * Ranges of cluster addresses and node ports as pools: what is in them, and how much is reserved for those who ask.
 * Source: Kubernetes v1.36, ipallocator.go and portallocator/allocator.go, calculateRangeOffset.
 */
import {
  type Cidr,
  formatCidr,
  formatIp,
  type IpAddress,
  inCidr,
  parseCidr,
  parseIp,
  WIDTH,
} from '../../objects/ip.ts';
import type { IPFamily } from '../../objects/types.ts';
import { Pool } from './pool.ts';

/** Texts ↔ places in a pool. */
export interface PooledRange {
  readonly pool: Pool;
  /** As written in messages. */
  readonly name: string;
}

export interface AddressRange extends PooledRange {
  readonly family: IPFamily;
  readonly first: bigint;
  readonly cidr: Cidr;
}

const SHORTEST_IPV6_PREFIX = 64;

/** The range, or what is wrong with it. */
export function addressRange(text: string): AddressRange | string {
  const cidr = parseCidr(text);
  if (!cidr) return `'${text}' is not a network, like 10.96.0.0/16`;
  const { family, prefixLength, base } = cidr;
  if (family === 'IPv6' && prefixLength < SHORTEST_IPV6_PREFIX) {
    return `'${text}' is too large; an IPv6 range has a prefix of at least ${SHORTEST_IPV6_PREFIX}`;
  }
  const all = 2n ** BigInt(WIDTH[family] - prefixLength);
  // Neither the network's own address nor, in IPv4, the broadcast address is given.
  const usable = all - (family === 'IPv4' ? 2n : 1n);
  if (usable < 1n) return `'${text}' has no address to give`;
  const pool = new Pool(usable, bandOf(all, { least: 16n, most: 256n, share: 16n }));
  return { pool, name: formatCidr(cidr), family, first: base + 1n, cidr };
}

/** undefined when the address is not in the range, or is none that is given. */
export function offsetOf(range: AddressRange, text: string): bigint | undefined {
  const address = parseIp(text);
  if (!address || !inCidr(address, range.cidr)) return undefined;
  const offset = address.value - range.first;
  return offset >= 0n && offset < range.pool.size ? offset : undefined;
}

export function addressAt({ family, first }: AddressRange, offset: bigint): string {
  const address: IpAddress = { family, value: first + offset };
  return formatIp(address);
}

export interface PortRange extends PooledRange {
  readonly first: number;
}

/** '30000-32767', both included: the range, or what is wrong with it. */
export function portRange(text: string): PortRange | string {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2]);
  if (!match || first < 1 || last > 65_535 || first > last)
    return `'${text}' is not a range of ports, like 30000-32767`;
  const size = BigInt(last - first + 1);
  return {
    pool: new Pool(size, bandOf(size, { least: 16n, most: 128n, share: 32n })),
    name: `${first}-${last}`,
    first,
  };
}

/** A small range has no reserved band. */
function bandOf(size: bigint, { least, most, share }: { least: bigint; most: bigint; share: bigint }): bigint {
  if (size <= least) return 0n;
  const band = size / share;
  if (band < least) return least;
  return band > most ? most : band;
}
