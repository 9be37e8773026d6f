/**
 * The tables as one worker sees them, and what that worker alone keeps: its draws, cursors, and the state of policies
 * that count turns. Policies get this and nothing else.
 */
import { directoryLoad } from './directory.ts';
import { Draws } from './draws.ts';
import {
  EPOCH,
  GROUP_COUNT,
  GROUP_WORDS,
  HEADER_WORDS,
  POSITION,
  type SharedTables,
  SLOT_WORDS,
  SLOTS,
  workerEpoch,
} from './layout.ts';
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

/** The latest replies to probes (policies/prequal.ts), in rising order of requests in flight. */
export interface ProbePool {
  count: number;
  slots: Int32Array;
  rifs: Int32Array;
  latencies: Float64Array;
  times: Float64Array;
  uses: Int32Array;
  /** Removals alternate between the oldest and the worst. */
  oldestNext: boolean;
  /** The version of the region and the group where every reply's endpoint was found; 0 where that is not known. */
  version: number;
  group: number;
  /** No reply is older; µs, in a column. */
  oldestUs: Float64Array;
}

export class TableReader {
  readonly worker: number;
  /** Where the region of a service begins, loaded atomically; 0 where it has none. */
  readonly regionOf: (service: number) => number;
  /** The arena by words, by halves of words and by doubles. */
  readonly words: Int32Array;
  readonly halves: Uint16Array;
  readonly reals: Float64Array;
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

  /** @param seed workers need different ones. */
  constructor(shared: SharedTables, worker: number, seed: number) {
    this.worker = worker;
    this.#control = new Int32Array(shared.control);
    this.regionOf = directoryLoad(shared.directory, shared.limits.services);
    this.words = new Int32Array(shared.arena);
    this.halves = new Uint16Array(shared.arena);
    this.reals = new Float64Array(shared.arena);
    this.slots = new Int32Array(shared.slots);
    this.loads = new Int32Array(shared.loads[worker]);
    this.serviceLoads = new Int32Array(shared.serviceLoads[worker]);
    this.outcomes = new Int32Array(shared.outcomes[worker]);
    this.marks = new Float64Array(shared.marks[worker]);
    this.draws = new Draws(seed);
    this.cursors = new Int32Array(shared.limits.services);
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

  /** Which group of its region this is, counted from 0. */
  ordinalOf(group: number): number {
    return (group - this.region - HEADER_WORDS) / GROUP_WORDS;
  }
}
