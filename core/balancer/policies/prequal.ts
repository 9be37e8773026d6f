/**
 * Prequal (Wydrowski et al., NSDI 2024): a pool of the latest probe replies, each with the endpoint's requests in flight
 * (RIF) and its latency at that load. Probes above a quantile of the pool's RIF are hot; of the others the least latency
 * wins. The picker names endpoints to probe; who runs it sends the probes and brings the replies. Weights are not looked at.
 */
import * as layout from '../tables/layout.ts';
import type { ProbePool } from '../tables/probe-pool.ts';
import type { TableReader } from '../tables/reader.ts';
import type { Policy } from './policy.ts';

// Names of the module's own are constants to V8; an imported one is loaded and checked at each use.
const { AUX, GROUP_COUNT, GROUPS, HEADER_WORDS, POOL, VERSION } = layout;

export const MAX_AGE_US = 1_000_000;
/** Fewer replies than this are no pool to choose from. */
export const MIN_PROBES = 2;
// The words of a group: how often a reply may be used; then, by the number of replies, which of them is the last cold one.
export const BUDGET = 0;
export const RANKS = 1;

export const prequal: Policy = {
  name: 'prequal',
  compares: 'latency in µs of the probes that are not hot: the least',
  byClient: false,
  parameters: [
    { name: 'rifQuantile', default: 0.84, min: 0, max: 1 },
    { name: 'probesPerPick', default: 3, min: 0, max: 16 },
  ],

  choose(reader: TableReader, group: number, _client: number, attempt: number): number {
    const pool = poolOf(reader);
    if (attempt === 0 && pool !== undefined) {
      const entry = bestEntry(reader, group, pool);
      if (entry >= 0) return reader.positionIn(group, pool.slots[entry]);
    }
    return reader.draws.below(reader.words[group + GROUP_COUNT]);
  },

  commit(reader: TableReader, group: number, index: number): void {
    const pool = poolOf(reader);
    if (pool === undefined) return;
    const slot = reader.slotAt(group, index);
    for (let i = 0; i < pool.count; i++) {
      if (pool.slots[i] !== slot) continue;
      pool.uses[i]++;
      raise(pool, i);
      break;
    }
    dropUsed(pool, reader.words[reader.words[group + AUX] + BUDGET]);
    dropOne(pool);
  },

  prepare(members, [quantile, probes]) {
    return {
      words: RANKS + POOL,
      size: 0,
      write(words, _halves, at) {
        words[at + BUDGET] = reuse(members.length, probes);
        for (let count = 1; count <= POOL; count++) {
          words[at + RANKS + count - 1] = Math.floor(quantile * (count - 1));
        }
      },
    };
  },

  candidates(reader, group) {
    const pool = poolOf(reader);
    if (pool === undefined || bestEntry(reader, group, pool) < 0) {
      return Array.from({ length: reader.words[group + GROUP_COUNT] }, (_, index) => ({ index }));
    }
    return Array.from({ length: pool.count }, (_, i) => i)
      .filter((i) => isUsable(reader, group, pool, i))
      .map((i) => ({ index: reader.positionIn(group, pool.slots[i]), score: pool.latencies[i] }));
  },
};

/** A probe came back. @param rif requests in flight at the endpoint. */
export function addProbe(reader: TableReader, service: number, slot: number, rif: number, latencyUs: number): void {
  const pool = reader.poolFor(service);
  if (pool.count === POOL) remove(pool, oldest(pool));
  let at = pool.count++;
  for (; at > 0 && pool.rifs[at - 1] > rif; at--) copy(pool, at - 1, at);
  pool.slots[at] = slot;
  pool.rifs[at] = rif;
  // No latency is negative, and one that is no number is no good news: so they can be compared as words.
  pool.latencies[at] = Number.isNaN(latencyUs) ? Number.POSITIVE_INFINITY : Math.max(0, latencyUs);
  pool.times[at] = reader.clock[0];
  pool.uses[at] = 0;
  pool.oldestUs[0] = pool.count === 1 ? reader.clock[0] : Math.min(pool.oldestUs[0], reader.clock[0]);
  // Of this endpoint it is not known yet; to look it up is for the reply, not for the pick.
  if (pool.version === 0) return;
  const region = reader.regionOf(service);
  const known = region !== 0 && reader.words[region + VERSION] === pool.version;
  if (!known || reader.positionIn(pool.group, slot) < 0) pool.version = 0;
}

/** An endpoint to probe; a pick asks for `probesPerPick` of them. -1 where the service has none. */
export function probeTarget(reader: TableReader, service: number): number {
  const region = reader.regionOf(service);
  if (region === 0 || reader.words[region + GROUPS] === 0) return -1;
  const group = region + HEADER_WORDS;
  return reader.slotAt(group, reader.draws.below(reader.words[group + GROUP_COUNT]));
}

function poolOf(reader: TableReader): ProbePool | undefined {
  return reader.pools[reader.service];
}

/** A reply that is young enough, of an endpoint that is still in the group. */
function isUsable(reader: TableReader, group: number, pool: ProbePool, entry: number): boolean {
  return reader.clock[0] - pool.times[entry] <= MAX_AGE_US && reader.positionIn(group, pool.slots[entry]) >= 0;
}

/** All replies are: mostly known from the pick before, so that they are not looked up one by one. */
function allUsable(reader: TableReader, group: number, pool: ProbePool): boolean {
  const version = reader.words[reader.region + VERSION];
  if (pool.version !== version || pool.group !== group) {
    pool.version = 0;
    for (let i = 0; i < pool.count; i++) if (reader.positionIn(group, pool.slots[i]) < 0) return false;
    pool.version = version;
    pool.group = group;
  }
  if (reader.clock[0] - pool.oldestUs[0] <= MAX_AGE_US) return true;
  // The oldest may be gone by now.
  let oldestUs = reader.clock[0];
  for (let i = 0; i < pool.count; i++) oldestUs = Math.min(oldestUs, pool.times[i]);
  pool.oldestUs[0] = oldestUs;
  return reader.clock[0] - oldestUs <= MAX_AGE_US;
}

/** The entry to use; -1 where there are too few. */
function bestEntry(reader: TableReader, group: number, pool: ProbePool): number {
  if (!allUsable(reader, group, pool)) return bestOfSome(reader, group, pool);
  const { count, rifs, latencies } = pool;
  if (count < MIN_PROBES) return -1;
  const threshold = rifs[rankOf(reader, group, count)];
  let best = 0;
  for (let i = 1; i < count && rifs[i] <= threshold; i++) if (latencies[i] < latencies[best]) best = i;
  return best;
}

function bestOfSome(reader: TableReader, group: number, pool: ProbePool): number {
  // A bit an entry, as each is asked for three times.
  let usable = 0;
  let count = 0;
  for (let i = 0; i < pool.count; i++) {
    if (!isUsable(reader, group, pool, i)) continue;
    usable |= 1 << i;
    count++;
  }
  if (count < MIN_PROBES) return -1;
  const threshold = thresholdOf(pool, usable, rankOf(reader, group, count));
  let best = -1;
  for (let i = 0; i < pool.count && pool.rifs[i] <= threshold; i++) {
    if ((usable >> i) & 1 && (best < 0 || pool.latencies[i] < pool.latencies[best])) best = i;
  }
  return best;
}

/** The RIF at the quantile; at least one usable reply is not above it. */
function thresholdOf(pool: ProbePool, usable: number, rank: number): number {
  let seen = 0;
  for (let i = 0; i < pool.count; i++) if ((usable >> i) & 1 && seen++ === rank) return pool.rifs[i];
  return -1;
}

/** Of so many replies in the order of requests in flight, the one at the quantile. */
function rankOf({ words }: TableReader, group: number, count: number): number {
  return words[words[group + AUX] + RANKS + count - 1];
}

export const FOR_EVER = 0x7fffffff;

/** How often a reply may be used: (1 + 1) / ((1 - pool / endpoints) × probes - 1 removed), at least once. */
function reuse(endpoints: number, probes: number): number {
  const gained = (1 - POOL / endpoints) * probes - 1;
  return gained > 0 ? Math.min(FOR_EVER, Math.max(1, Math.ceil(2 / gained))) : FOR_EVER;
}

/** One more request went there; the order by RIF stands. */
function raise(pool: ProbePool, entry: number): void {
  const { slots, rifs, latencies, times, uses } = pool;
  // Each by itself: a list of them would go on the heap.
  const slot = slots[entry];
  const rif = rifs[entry] + 1;
  const latency = latencies[entry];
  const time = times[entry];
  const used = uses[entry];
  let at = entry;
  for (; at + 1 < pool.count && rifs[at + 1] < rif; at++) copy(pool, at + 1, at);
  slots[at] = slot;
  rifs[at] = rif;
  latencies[at] = latency;
  times[at] = time;
  uses[at] = used;
}

function dropUsed(pool: ProbePool, budget: number): void {
  if (budget === FOR_EVER) return;
  for (let i = pool.count - 1; i >= 0; i--) if (pool.uses[i] >= budget) remove(pool, i);
}

/** Old and bad news leave the pool, one a pick; below half of it they may stay. */
function dropOne(pool: ProbePool): void {
  if (pool.count <= POOL / 2) return;
  remove(pool, pool.worstNext ? pool.count - 1 : oldest(pool));
  pool.worstNext = !pool.worstNext;
}

function oldest(pool: ProbePool): number {
  let found = 0;
  for (let i = 1; i < pool.count; i++) if (pool.times[i] < pool.times[found]) found = i;
  return found;
}

function remove(pool: ProbePool, entry: number): void {
  pool.count--;
  for (let i = entry; i < pool.count; i++) copy(pool, i + 1, i);
}

function copy({ slots, rifs, latencies, times, uses }: ProbePool, from: number, to: number): void {
  slots[to] = slots[from];
  rifs[to] = rifs[from];
  latencies[to] = latencies[from];
  times[to] = times[from];
  uses[to] = uses[from];
}
