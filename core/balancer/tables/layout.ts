/**
 * Where everything stands in the shared memory of the balancer. One thread writes tables, all others read them; the only
 * columns that a worker writes are its own loads, outcomes and marks, and the entries of affinity.
 *
 *   directory  one word a service: where its region begins in the arena, 0 where it has none
 *   arena      regions: header, parameters, group rows; per group the slots, the weights and what its policy adds
 *   slots      one row an endpoint, fixed while it lives: whose it is, port, zone, node, address
 *
 * All of it is one memory, so that a pick may be one function of WebAssembly (pick/pick-kernel.ts).
 */
import { bufferOf, makeMemory, type SharedMemory } from './memory.ts';

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

/** What is posted to a worker; the memory is shared, not copied. */
export interface SharedTables {
  limits: TableLimits;
  memory: SharedMemory;
  places: Places;
}

/** Where each column begins, in bytes; what is of a worker by worker. */
export interface Places {
  control: number;
  directory: number;
  arena: number;
  slots: number;
  affinity: number;
  /** log2 of small numbers, doubles: log2 of i at i. */
  logs: number;
  loads: number[];
  serviceLoads: number[];
  outcomes: number[];
  marks: number[];
  /** The state of its draws, four words. */
  draws: number[];
  /** By service: where a round began. */
  cursors: number[];
  /** By service: replies to probes (probe-pool.ts). */
  pools: number[];
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

// A pool of replies to probes, in bytes: words of its own, then columns by reply.
/** Replies that it has at most. */
export const POOL = 16;
export const POOL_PLACES = {
  COUNT: 0,
  /** 1: the next removal is of the worst; removals alternate between it and the oldest. */
  WORST_NEXT: 4,
  /** The version of the region and the group where every reply's endpoint was found; 0 where that is not known. */
  VERSION: 8,
  GROUP: 12,
  /** No reply is older: a double, µs. */
  OLDEST_US: 16,
  SLOTS: 64,
  RIFS: 64 + 4 * POOL,
  USES: 64 + 8 * POOL,
  LATENCIES: 64 + 12 * POOL,
  TIMES: 64 + 20 * POOL,
};
export const POOL_BYTES = 64 + 28 * POOL;

// Draws of a worker: the state of sfc32.
export const DRAW_WORDS = 4;

/** Logarithms that are kept. */
export const LOGS = 1024;
/** Columns begin at pairs of lines of their own: processors fetch lines by pairs. */
const LINE_BYTES = 128;

/** @param plain where there is to be no WebAssembly, even if it could be. */
export function createShared(limits: TableLimits, plain?: boolean): SharedTables {
  const { services, endpoints, arenaBytes, workers, clients } = limits;
  let end = 0;
  const place = (bytes: number): number => {
    const at = end;
    end += LINE_BYTES * Math.ceil(bytes / LINE_BYTES);
    return at;
  };
  const perWorker = (bytes: number): number[] => Array.from({ length: workers }, () => place(bytes));
  const places: Places = {
    control: place(4 * WORKER_EPOCH_WORDS * (workers + 1)),
    directory: place(4 * services),
    logs: place(8 * LOGS),
    draws: perWorker(4 * DRAW_WORDS),
    cursors: perWorker(4 * services),
    serviceLoads: perWorker(4 * LOAD_WORDS * services),
    slots: place(4 * SLOT_WORDS * endpoints),
    loads: perWorker(4 * LOAD_WORDS * endpoints),
    outcomes: perWorker(4 * OUTCOME_WORDS * endpoints),
    marks: perWorker(8 * MARK_DOUBLES * endpoints),
    pools: perWorker(POOL_BYTES * services),
    affinity: place(4 * ENTRY_WORDS * clients),
    arena: place(arenaBytes),
  };
  const shared = { limits, memory: makeMemory(end, plain), places };
  reals(shared, places.logs, LOGS).set(Float64Array.from({ length: LOGS }, (_, i) => Math.log2(i)));
  return shared;
}

/** So many words from a place on. */
export function words({ memory }: SharedTables, at: number, count: number): Int32Array {
  return new Int32Array(bufferOf(memory), at, count);
}

/** So many doubles from a place on. */
export function reals({ memory }: SharedTables, at: number, count: number): Float64Array {
  return new Float64Array(bufferOf(memory), at, count);
}
