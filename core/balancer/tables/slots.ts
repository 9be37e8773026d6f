/**
 * Endpoints by number: a slot is one endpoint of one service for as long as the service has it or work is in flight there,
 * so loads, latencies and ejections stay with an endpoint whatever becomes of its table.
 */
import type { BackendEndpoint } from '../endpoint.ts';
import type { Outcome } from '../pick/outlier-ejection.ts';
import { writeAddress } from './address.ts';
import {
  ADDRESS,
  FAILURES,
  LOAD_WORDS,
  MARK_DOUBLES,
  NODE,
  OUTCOME_WORDS,
  OWNER,
  PORT,
  reals,
  type SharedTables,
  SLOT_WORDS,
  SUCCESSES,
  TRAILING,
  words,
  ZONE,
} from './layout.ts';

export class Slots {
  readonly rows: Int32Array;
  /** By slot: since when its service has the endpoint, µs; -Infinity for those it began with. */
  readonly sinceUs: Float64Array;
  readonly #limit: number;
  readonly #loads: Int32Array[];
  readonly #outcomes: Int32Array[];
  readonly #marks: Float64Array[];
  /** Successes and failures that `takeOutcome` has told of, by slot. */
  readonly #told: Int32Array;
  readonly #free: number[] = [];
  /** Node and zone names as numbers, and back. */
  readonly #names: string[] = [''];
  readonly #ids = new Map<string, number>();
  #top = 0;

  constructor(shared: SharedTables) {
    this.#limit = shared.limits.endpoints;
    const { places } = shared;
    this.rows = words(shared, places.slots, SLOT_WORDS * this.#limit);
    this.sinceUs = new Float64Array(this.#limit);
    this.#loads = places.loads.map((at) => words(shared, at, LOAD_WORDS * this.#limit));
    this.#outcomes = places.outcomes.map((at) => words(shared, at, OUTCOME_WORDS * this.#limit));
    this.#told = new Int32Array(2 * this.#limit);
    this.#marks = places.marks.map((at) => reals(shared, at, MARK_DOUBLES * this.#limit));
  }

  /** Slots from 0 that were ever in use. */
  get top(): number {
    return this.#top;
  }

  /** How many more endpoints there is room for. */
  get room(): number {
    return this.#limit - this.#top + this.#free.length;
  }

  /** A slot for the endpoint, whose address was checked; there is room. */
  allocate(service: number, endpoint: BackendEndpoint, sinceUs: number): number {
    const reused = this.#free.pop();
    const slot = reused ?? this.#top++;
    if (reused !== undefined) this.#clear(slot);
    const at = SLOT_WORDS * slot;
    writeAddress(endpoint.address, this.rows, at + ADDRESS);
    this.rows[at + PORT] = endpoint.port;
    this.rows[at + ZONE] = this.#idOf(endpoint.zone ?? '');
    this.rows[at + NODE] = this.#idOf(endpoint.nodeName ?? '');
    this.rows[at + OWNER] = service + 1;
    this.sinceUs[slot] = sinceUs;
    return slot;
  }

  /** Nobody picks the slot, and nothing is in flight there. */
  free(slot: number): void {
    this.rows[SLOT_WORDS * slot + OWNER] = 0;
    this.#free.push(slot);
  }

  /** Over all workers, now. */
  inFlight(slot: number): number {
    let sum = 0;
    for (const loads of this.#loads) sum += loads[LOAD_WORDS * slot];
    return sum;
  }

  /** What happened at the endpoint since this was asked last, over all workers; what an ended worker had not told is lost. */
  takeOutcome(slot: number): Outcome {
    let [successes, failures, trailing] = [0, 0, 0];
    for (const outcomes of this.#outcomes) {
      successes += outcomes[OUTCOME_WORDS * slot + SUCCESSES];
      failures += outcomes[OUTCOME_WORDS * slot + FAILURES];
      trailing = Math.max(trailing, outcomes[OUTCOME_WORDS * slot + TRAILING]);
    }
    const told = this.#told.subarray(2 * slot, 2 * slot + 2);
    // Counters wrap; a worker that has ended took its own with it.
    const outcome = {
      successes: Math.max(0, (successes - told[0]) | 0),
      failures: Math.max(0, (failures - told[1]) | 0),
      trailing,
    };
    told[0] = successes;
    told[1] = failures;
    return outcome;
  }

  nameOf(id: number): string {
    return this.#names[id];
  }

  #idOf(name: string): number {
    if (name === '') return 0;
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.#names.length;
      this.#names.push(name);
      this.#ids.set(name, id);
    }
    return id;
  }

  #clear(slot: number): void {
    for (const loads of this.#loads) loads.fill(0, LOAD_WORDS * slot, LOAD_WORDS * (slot + 1));
    for (const outcomes of this.#outcomes) outcomes.fill(0, OUTCOME_WORDS * slot, OUTCOME_WORDS * (slot + 1));
    this.#told.fill(0, 2 * slot, 2 * slot + 2);
    for (const marks of this.#marks) marks.fill(0, MARK_DOUBLES * slot, MARK_DOUBLES * (slot + 1));
  }
}
