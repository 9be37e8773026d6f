/**
 * The tables as one worker sees them, and what that worker alone keeps: its draws, cursors, and the state of policies
 * that count turns. Policies get this and nothing else.
 */
import { Draws } from './draws.ts';
import {
  DRAW_WORDS,
  EPOCH,
  GROUP_COUNT,
  GROUP_WORDS,
  HEADER_WORDS,
  LOAD_WORDS,
  LOGS,
  MARK_DOUBLES,
  OUTCOME_WORDS,
  POOL_BYTES,
  POSITION,
  reals,
  type SharedTables,
  SLOT_WORDS,
  SLOTS,
  WORKER_EPOCH_WORDS,
  words,
  workerEpoch,
} from './layout.ts';
import { atomicLoad, bufferOf } from './memory.ts';
import { ProbePool } from './probe-pool.ts';
import type { Tried } from './tried.ts';

/** The heap of one group (policies/edf.ts). Deadlines are marks of the slots, so they survive a new region. */
export interface Schedule {
  /** Of the region. */
  version: number;
  /** The deadline of the last pick: what is now. In a column, as a field would put every new number on the heap. */
  now: Float64Array;
  /** Indexes of the group. */
  heap: Int32Array;
}

export class TableReader {
  readonly worker: number;
  /** Where the region of a service begins, loaded atomically; 0 where it has none. */
  readonly regionOf: (service: number) => number;
  /** The arena by words, by halves of words and by doubles. */
  readonly words: Int32Array;
  readonly halves: Uint16Array;
  readonly reals: Float64Array;
  /** log2 of small numbers. */
  readonly logs: Float64Array;
  readonly slots: Int32Array;
  readonly loads: Int32Array;
  readonly serviceLoads: Int32Array;
  readonly outcomes: Int32Array;
  readonly marks: Float64Array;
  readonly draws: Draws;
  /** By service: where a round began, at first anywhere, so that workers do not all begin at the first endpoint. */
  readonly cursors: Int32Array;
  /** By service, and by group of its region; made when first asked. */
  readonly schedules: Schedule[][] = [];
  /** By service; made when the first probe comes back. */
  readonly pools: ProbePool[] = [];
  /** The time of the pick in µs; a column, as a field would put every new number on the heap. */
  readonly clock = new Float64Array(1);
  /** Of the pick in hand. */
  service = 0;
  region = 0;
  tried: Tried | undefined;
  readonly #control: Int32Array;
  readonly #shared: SharedTables;

  /** @param seed workers need different ones. */
  constructor(shared: SharedTables, worker: number, seed: number) {
    this.worker = worker;
    this.#shared = shared;
    const { limits, memory, places } = shared;
    const { services, endpoints, arenaBytes } = limits;
    this.#control = words(shared, places.control, WORKER_EPOCH_WORDS * (limits.workers + 1));
    this.regionOf = atomicLoad(memory, places.directory, services);
    this.words = words(shared, places.arena, arenaBytes >> 2);
    this.halves = new Uint16Array(bufferOf(memory), places.arena, arenaBytes >> 1);
    this.reals = reals(shared, places.arena, arenaBytes >> 3);
    this.logs = reals(shared, places.logs, LOGS);
    this.slots = words(shared, places.slots, SLOT_WORDS * endpoints);
    this.loads = words(shared, places.loads[worker], LOAD_WORDS * endpoints);
    this.serviceLoads = words(shared, places.serviceLoads[worker], LOAD_WORDS * services);
    this.outcomes = words(shared, places.outcomes[worker], OUTCOME_WORDS * endpoints);
    this.marks = reals(shared, places.marks[worker], MARK_DOUBLES * endpoints);
    this.draws = new Draws(seed, words(shared, places.draws[worker], DRAW_WORDS));
    this.cursors = words(shared, places.cursors[worker], services);
    for (let i = 0; i < this.cursors.length; i++) this.cursors[i] = this.draws.word() & 0xffff;
  }

  /**
   * Says that this worker holds nothing of any region it has read: to be called between picks, often (a turn of the event
   * loop), and whenever the writer wakes the worker. Until then the writer keeps what it replaced.
   */
  pass(): void {
    Atomics.store(this.#control, workerEpoch(this.worker), Atomics.load(this.#control, EPOCH));
  }

  /** In flight at the endpoint: own, now, and the others', as of the last fold. */
  inFlight(slot: number): number {
    return this.loads[2 * slot] + this.loads[2 * slot + 1];
  }

  serviceInFlight(service: number): number {
    return this.serviceLoads[2 * service] + this.serviceLoads[2 * service + 1];
  }

  /** The endpoint that stands at an index of a group. */
  slotAt(group: number, index: number): number {
    return this.words[this.words[group + SLOTS] + index];
  }

  wasTried(slot: number): boolean {
    return this.tried?.has(slot) === true;
  }

  /** Where the endpoint stands in the group; -1 where it does not. */
  positionIn(group: number, slot: number): number {
    const slots = this.words[group + SLOTS];
    const count = this.words[group + GROUP_COUNT];
    const hint = this.slots[SLOT_WORDS * slot + POSITION];
    if (hint < count && this.words[slots + hint] === slot) return hint;
    for (let i = 0; i < count; i++) if (this.words[slots + i] === slot) return i;
    return -1;
  }

  /** Replies to probes of the service. */
  poolFor(service: number): ProbePool {
    this.pools[service] ??= new ProbePool(this.#shared, this.#shared.places.pools[this.worker] + POOL_BYTES * service);
    return this.pools[service];
  }

  /** Which group of its region this is, counted from 0. */
  ordinalOf(group: number): number {
    return (group - this.region - HEADER_WORDS) / GROUP_WORDS;
  }
}
