/**
 * How the room of rows lies in memory: Float64s, for a pass over two rows at a time. First what the pass is asked and what
 * each part of it finds, then a key for each row, then the rows two by two, each slot of both beside each other.
 */

/** Slots of a row. Amounts in whole units, exact. */
export const SLOT = {
  /** Allocatable less requested. */
  cpu: 0,
  memory: 1,
  /** Pods that may still come, 0 or more; -1 for rows without a node, and for odd ones. */
  pods: 2,
  /** As cpu and memory, with stand-ins for pods that request nothing. */
  nonZeroCpu: 3,
  nonZeroMemory: 4,
  /** Percent of the allocatable amount that one unit is, and a trifle more (pass.ts). */
  perCpu: 5,
  perMemory: 6,
  /** 150 less how evenly cpu and memory are used now, which is 50 to 100 (balanceOfTwo). */
  uneven: 7,
  /** Allocatable. */
  allCpu: 8,
  allMemory: 9,
  /** What of the key is the row's own: the higher, the earlier its node comes in the order that the seed draws (keyRank). */
  rank: 10,
} as const;

const SLOTS = 11;
/** Float64s that two rows take. */
export const PAIR = 2 * SLOTS;

/** What the pass is asked: RoomAsk, flat. */
export const ASKED = {
  filterCpu: 0,
  filterMemory: 1,
  filterPods: 2,
  shareCpu: 3,
  shareMemory: 4,
  cpuWeight: 5,
  memoryWeight: 6,
  /** 1 by the sum of both, and a trifle more (pass.ts). */
  perWeight: 7,
  shareWeight: 8,
  evenCpu: 9,
  evenMemory: 10,
  evenWeight: 11,
  /** What a score is multiplied by that is added to keys afterwards (raise.ts). */
  unit: 12,
} as const;

/** What a part of the pass finds, from foundAt on: each for the first and the second rows of its pairs. */
export const FOUND = {
  /** How many fit. */
  count: 0,
  /** The highest key; 0 for none. */
  best: 2,
  /** Other than 0, as raise.ts says. */
  bad: 4,
} as const;

const ASKED_COUNT = 14;
/** Float64s that the findings of a part take. */
export const FOUND_COUNT = 6;
/** A pass is done in so many parts at most. */
export const MAX_PARTS = 128;

/** Where a part of the pass puts its findings, in Float64s. */
export function foundAt(part: number): number {
  return ASKED_COUNT + part * FOUND_COUNT;
}

export const KEYS_AT = ASKED_COUNT + MAX_PARTS * FOUND_COUNT;

/** Where the pairs begin, in Float64s. `rows` is even. */
export function pairsAt(rows: number): number {
  return KEYS_AT + rows;
}

/** Where the pairs end, in Float64s; scores of RAISE_ROWS rows follow, and then a byte for each row. */
export function pairsEnd(rows: number): number {
  return pairsAt(rows) + (rows / 2) * PAIR;
}

/** Keys are raised by other scores for so many rows at a time: what a plugin has written is still in the nearest cache. */
export const RAISE_ROWS = 1024;

export function bytesFor(rows: number): number {
  return 8 * (pairsEnd(rows) + RAISE_ROWS + Math.ceil(rows / 8));
}

/** Where a row's first slot is, counted from the first pair; the others follow at every second place. */
export function placeOf(row: number): number {
  return (row >> 1) * PAIR + (row & 1);
}

/**
 * A key is 0 for a row that does not fit, else total · RANKS + rank: higher for a higher total, and among equals for a
 * lower rank. A double holds it for totals below MAX_TOTAL.
 */
export const RANKS = 2 ** 41;
export const MAX_TOTAL = 2 ** 12;

/** 1 to RANKS. @param rank below 2^53 (nodeRank); its last bits are lost, so two rows may have equal keys. */
export function keyRank(rank: number): number {
  return RANKS - Math.floor(rank / MAX_TOTAL);
}

/** -1 for a row that does not fit. */
export function totalIn(key: number): number {
  return Math.ceil(key / RANKS) - 1;
}
