/**
 * Where everything stands in the shared memory of the balancer. One thread writes tables, all others read them; the only
 * columns that a worker writes are its own loads, outcomes and marks, and the entries of affinity.
 *
 *   directory  one word a service: where its region begins in the arena, 0 where it has none
 *   arena      regions: header, parameters, group rows; per group the slots, the weights and what its policy adds
 *   slots      one row an endpoint, fixed while it lives: whose it is, port, zone, node, address
 */

import { makeDirectory, type SharedDirectory } from './directory.ts';

/** Stated limits; reaching one is an error, never a wrong table. Memory is touched (and so taken) only as far as used. */
export interface TableLimits {
  services: number;
  /** Endpoints at a time, over all services, those included that are gone and still have work in flight. */
  endpoints: number;
  /** For regions. */
  arenaBytes: number;
  /** Threads that pick. */
  workers: number;
  /** Clients whose endpoint is remembered, over all services with affinity; a power of two. */
  clients: number;
}

export const DEFAULT_LIMITS: TableLimits = {
  services: 16_384,
  endpoints: 524_288,
  arenaBytes: 256 * 1024 * 1024,
  workers: 8,
  clients: 262_144,
};

/** What is posted to a worker. Every field but `limits` is shared, not copied. */
export interface SharedTables {
  limits: TableLimits;
  control: SharedArrayBuffer;
  directory: SharedDirectory;
  arena: SharedArrayBuffer;
  slots: SharedArrayBuffer;
  /** By worker. */
  loads: SharedArrayBuffer[];
  serviceLoads: SharedArrayBuffer[];
  outcomes: SharedArrayBuffer[];
  marks: SharedArrayBuffer[];
  affinity: SharedArrayBuffer;
}

// Control words: the epoch, then one line of 64 bytes for each worker's epoch (0: no worker there).
export const EPOCH = 0;
export const WORKER_EPOCH_WORDS = 16;

/** The word of a worker's epoch. */
export function workerEpoch(worker: number): number {
  return WORKER_EPOCH_WORDS * (worker + 1);
}

// Region header, in words from the region's beginning.
export const VERSION = 0;
export const COUNT = 1;
export const GROUPS = 2;
export const SIZE = 3;
/** Seconds of ClientIP affinity; 0 where there is none. */
export const AFFINITY_SECONDS = 4;
/** 1: ends of work feed the moving average of latency. */
export const LATENCY = 5;
/** The code of the policy where one group is all there is and no affinity stands before it; else -1. */
export const ONLY = 6;
/** Four parameters of the policy, as doubles; in doubles from the region's beginning. */
export const PARAMETERS = 4;
export const PARAMETER_COUNT = 4;
export const HEADER_WORDS = 16;

// Group row, in words from the group's beginning; rows follow the header.
/** A draw (unsigned) up to and including this belongs to the group or to one before it. */
export const THRESHOLD = 0;
export const GROUP_COUNT = 1;
/** Where the slots stand: a word index. */
export const SLOTS = 2;
/** Where the weights stand: an index of doubles. After the last one stands their sum. */
export const WEIGHTS = 3;
/** What the policy added: a word index, and a number that it alone understands. */
export const AUX = 4;
export const AUX_SIZE = 5;
/** Which policy: its place in the registry. */
export const CODE = 6;
/** Priority × 4, + 1 in panic, + 2 for the local zone. */
export const LABEL = 7;
export const GROUP_WORDS = 8;

// Slot row.
/** The service + 1; 0 where the slot is free. */
export const OWNER = 0;
export const PORT = 1;
export const ZONE = 2;
export const NODE = 3;
/** Four words, in network order; IPv4 as ::ffff:a.b.c.d. */
export const ADDRESS = 4;
/** Its place in its group, of the region published last: a hint that a reader checks. */
export const POSITION = 8;
export const SLOT_WORDS = 12;

// Loads: [slot × 2] own in flight, [slot × 2 + 1] in flight at the other workers as of the last fold. Same for services.
export const LOAD_WORDS = 2;

// Outcomes of a worker, by slot: cumulative (they wrap), and the failures since the last success.
export const SUCCESSES = 0;
export const FAILURES = 1;
export const TRAILING = 2;
export const OUTCOME_WORDS = 4;

// Marks of a worker, doubles by slot: moving average of latency, its time in µs, its logarithm (base 2, and 1 more; 0 where
// nothing is known); a policy's own number.
export const COST = 0;
export const COST_TIME = 1;
export const COST_LOG = 2;
export const MARK = 3;
export const MARK_DOUBLES = 4;

// Affinity entry: a tag (0: empty) and a slot, then the time last seen in µs as a double.
export const TAG = 0;
export const CLIENT_SLOT = 1;
export const ENTRY_WORDS = 4;
/** Entries of one bucket: where a client may stand. */
export const WAYS = 8;

export function createShared(limits: TableLimits): SharedTables {
  const { services, endpoints, arenaBytes, workers, clients } = limits;
  const perWorker = (bytes: number): SharedArrayBuffer[] =>
    Array.from({ length: workers }, () => new SharedArrayBuffer(bytes));
  return {
    limits,
    control: new SharedArrayBuffer(4 * WORKER_EPOCH_WORDS * (workers + 1)),
    directory: makeDirectory(services),
    arena: new SharedArrayBuffer(arenaBytes),
    slots: new SharedArrayBuffer(4 * SLOT_WORDS * endpoints),
    loads: perWorker(4 * LOAD_WORDS * endpoints),
    serviceLoads: perWorker(4 * LOAD_WORDS * services),
    outcomes: perWorker(4 * OUTCOME_WORDS * endpoints),
    marks: perWorker(8 * MARK_DOUBLES * endpoints),
    affinity: new SharedArrayBuffer(4 * ENTRY_WORDS * clients),
  };
}
