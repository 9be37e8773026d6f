/**
 * The writer of the balancer's tables. A change of one service rewrites the region of that service and no other, and becomes
 * visible by one atomic store; what it replaced is kept until every worker has passed (epochs.ts).
 */
import { assert } from '../../assert.ts';
import { ApiError, type Problem } from '../../errors.ts';
import type { BackendEndpoint } from '../endpoint.ts';
import { arrange, keyOf, type ServiceTable } from '../pick/arrange.ts';
import type { Outcome } from '../pick/outlier-ejection.ts';
import { POLICIES, policyCode } from '../policies/registry.ts';
import { Arena } from './arena.ts';
import { checkServiceTable } from './check-input.ts';
import { clearWorker, foldLoads } from './counters.ts';
import { Epochs } from './epochs.ts';
import {
  createShared,
  DEFAULT_LIMITS,
  GROUP_COUNT,
  GROUP_WORDS,
  GROUPS,
  HEADER_WORDS,
  POSITION,
  reals,
  type SharedTables,
  SIZE,
  SLOT_WORDS,
  SLOTS,
  type TableLimits,
  WORKER_EPOCH_WORDS,
  words,
} from './layout.ts';
import { bufferOf } from './memory.ts';
import { type Arenas, isSame, planRegion, type RegionPlan, writeRegion } from './region.ts';
import { Slots } from './slots.ts';

export interface TablesOptions {
  limits?: Partial<TableLimits>;
  /** How long a worker may read an old region before it is reported, µs. */
  graceUs?: number;
  /** The worker has not passed for so long: end it, call `leave`, start another. The writer goes on meanwhile. */
  onStalled?: (worker: number) => void;
  /** No WebAssembly, even where there is: pickers then go through the policies' own `choose`, and pick the same. */
  plain?: boolean;
}

/** What the writer knows of a service. Read by check.ts. */
export interface ServiceRecord {
  name: string;
  id: number;
  table: ServiceTable | undefined;
  /** Slots by 'address:port', of endpoints there and of those gone that are not free yet. */
  slots: Map<string, number>;
  ejected: ReadonlySet<number>;
  /** When the region was arranged. */
  writtenUs: number;
}

/** An endpoint that its service no longer has. */
interface Draining {
  record: ServiceRecord;
  key: string;
  epoch: number;
}

const DEFAULT_GRACE_US = 1_000_000;

export class BalancerTables {
  readonly shared: SharedTables;
  readonly arena: Arena;
  readonly epochs: Epochs;
  readonly slots: Slots;
  readonly records: (ServiceRecord | undefined)[] = [];
  readonly directory: Int32Array;
  readonly arenas: Arenas;
  /** By slot. */
  readonly draining = new Map<number, Draining>();
  readonly #names = new Map<string, ServiceRecord>();
  /** Services with endpoints in slow start. */
  readonly #warming = new Set<ServiceRecord>();
  readonly #freeIds: number[] = [];

  constructor({ limits, graceUs = DEFAULT_GRACE_US, onStalled = () => {}, plain }: TablesOptions = {}) {
    this.shared = createShared({ ...DEFAULT_LIMITS, ...limits }, plain);
    const { limits: given, memory, places } = this.shared;
    this.arenas = {
      words: words(this.shared, places.arena, given.arenaBytes >> 2),
      halves: new Uint16Array(bufferOf(memory), places.arena, given.arenaBytes >> 1),
      reals: reals(this.shared, places.arena, given.arenaBytes >> 3),
    };
    this.directory = words(this.shared, places.directory, given.services);
    this.arena = new Arena(this.arenas.words.length);
    const control = words(this.shared, places.control, WORKER_EPOCH_WORDS * (given.workers + 1));
    this.epochs = new Epochs(control, given.workers, graceUs, onStalled);
    this.slots = new Slots(this.shared);
  }

  /** A place for a thread that picks. Throws where all are taken. */
  join(): number {
    const worker = this.epochs.join();
    if (worker < 0) throw limitError('workers', `${this.shared.limits.workers} workers pick already`);
    return worker;
  }

  /** The worker has ended; what it had in flight has ended with it. */
  leave(worker: number): void {
    this.epochs.leave(worker);
    clearWorker(this.shared, worker, this.slots.top, this.records.length);
  }

  /** The number of a service, for picks; undefined where it was never applied. */
  serviceId(name: string): number | undefined {
    return this.#names.get(name)?.id;
  }

  /**
   * Writes the table of a service and publishes it. Returns the epoch at which workers see it: compare with `passed()`.
   * Throws an ApiError with every problem; the service then keeps the table it had.
   */
  apply(name: string, table: ServiceTable, nowUs: number): number {
    const keys = table.endpoints.map(keyOf);
    const before = this.#names.get(name);
    const problems = checkServiceTable(name, table, keys, (key) => before?.slots.has(key) === true);
    if (problems.length > 0) throw new ApiError('Invalid', problems);
    const record = before ?? this.#addRecord(name);
    const first = record.table === undefined;
    const added = Array.from(keys, (_, i) => i).filter((i) => !record.slots.has(keys[i]));
    if (added.length > this.slots.room) {
      if (first) this.#dropRecord(record);
      throw limitError(`service ${name}`, `${added.length} more endpoints; there is room for ${this.slots.room}`);
    }
    // Conditions first, as the plan asks for them; undone where the arena has no place for the region.
    for (const i of added) {
      const slot = this.slots.allocate(record.id, table.endpoints[i], first ? Number.NEGATIVE_INFINITY : nowUs);
      record.slots.set(keys[i], slot);
    }
    const back = this.#takeBack(record, keys, nowUs);
    const epoch = this.#publish(record, table, nowUs, keys);
    if (epoch === 0) {
      this.#undo(
        record,
        added.map((i) => keys[i]),
        back,
      );
      if (first) this.#dropRecord(record);
      throw limitError(`service ${name}`, `no room in the arena of ${this.shared.limits.arenaBytes} bytes`);
    }
    this.#drainOthers(record, keys, epoch);
    return epoch;
  }

  /** The service is gone: picks find no endpoint. Returns the epoch at which workers see it. */
  remove(name: string): number {
    const record = this.#names.get(name);
    if (record === undefined) return this.epochs.current;
    const region = this.directory[record.id];
    Atomics.store(this.directory, record.id, 0);
    const epoch = this.epochs.advance();
    if (region !== 0) this.epochs.retire(epoch, region, this.arenas.words[region + SIZE]);
    record.table = undefined;
    this.#warming.delete(record);
    this.#names.delete(name);
    for (const [key, slot] of record.slots) this.#drain(record, key, slot, epoch);
    this.#forgetIfEmpty(record);
    return epoch;
  }

  /** Who receives nothing for now (outlier-ejection.ts), by endpoint. Returns the epoch as `apply` does. */
  eject(name: string, ejected: ReadonlySet<number>, nowUs: number): number {
    const record = this.#names.get(name);
    if (record?.table === undefined) return this.epochs.current;
    const before = record.ejected;
    record.ejected = ejected;
    const epoch = this.#publish(record, record.table, nowUs);
    if (epoch !== 0) return epoch;
    record.ejected = before;
    throw limitError(`service ${name}`, `no room in the arena of ${this.shared.limits.arenaBytes} bytes`);
  }

  /** Services with endpoints in slow start are written anew. To be called a few times in the shortest window. */
  refresh(nowUs: number): void {
    for (const record of [...this.#warming]) if (record.table) this.#publish(record, record.table, nowUs);
  }

  /** Frees what no worker reads any more and endpoints without work, and reports workers that do not pass. */
  collect(nowUs: number): void {
    this.epochs.collect(nowUs, (block, words) => this.arena.free(block, words));
    const passed = this.epochs.passed();
    for (const [slot, { record, key, epoch }] of this.draining) {
      if (epoch > passed || this.slots.inFlight(slot) > 0) continue;
      this.draining.delete(slot);
      record.slots.delete(key);
      // The number's next owner is not to be ejected for what this endpoint did.
      if (record.ejected.has(slot)) record.ejected = record.ejected.difference(new Set([slot]));
      this.slots.free(slot);
      this.#forgetIfEmpty(record);
    }
  }

  /** Tells every worker what is in flight at the others. To be called every few milliseconds. */
  fold(): void {
    const workers = Array.from({ length: this.shared.limits.workers }, (_, i) => i).filter((i) =>
      this.epochs.isThere(i),
    );
    foldLoads(this.shared, workers, this.slots.top, this.records.length);
  }

  /** Every worker sees the tables as of this epoch. */
  passed(): number {
    return this.epochs.passed();
  }

  /** The endpoint's number; undefined where the service has none such. Those that drain have one still. */
  endpointId(name: string, endpoint: BackendEndpoint): number | undefined {
    return this.#names.get(name)?.slots.get(keyOf(endpoint));
  }

  /** @param endpoint a number from a pick. */
  inFlight(endpoint: number): number {
    return this.slots.inFlight(endpoint);
  }

  /** What happened at the endpoint since this was asked last: for an OutlierDetector. */
  takeOutcome(endpoint: number): Outcome {
    return this.slots.takeOutcome(endpoint);
  }

  /** Writes a region and publishes it, unless the one there says the same. 0 where there is no room. */
  #publish(record: ServiceRecord, table: ServiceTable, nowUs: number, keys = table.endpoints.map(keyOf)): number {
    const plan = planService(record, table, this.slots, nowUs, keys);
    const old = this.directory[record.id];
    if (!isSame(this.arenas, old, plan)) {
      const version = this.epochs.current + 1;
      const region = writeRegion(this.arenas, plan, version, old, (words) => this.arena.allocate(words));
      if (region === 0) return 0;
      this.#setPositions(region);
      Atomics.store(this.directory, record.id, region);
      const epoch = this.epochs.advance();
      assert(epoch === version, 'two writers');
      if (old !== 0) this.epochs.retire(epoch, old, this.arenas.words[old + SIZE]);
    }
    record.table = table;
    record.writtenUs = nowUs;
    if (isWarming(record, table, this.slots, nowUs)) this.#warming.add(record);
    else this.#warming.delete(record);
    return this.epochs.current;
  }

  #setPositions(region: number): void {
    const { words } = this.arenas;
    for (let i = 0; i < words[region + GROUPS]; i++) {
      const row = region + HEADER_WORDS + GROUP_WORDS * i;
      const slots = words[row + SLOTS];
      for (let k = 0; k < words[row + GROUP_COUNT]; k++) this.slots.rows[SLOT_WORDS * words[slots + k] + POSITION] = k;
    }
  }

  #addRecord(name: string): ServiceRecord {
    const id = this.#freeIds.pop() ?? this.records.length;
    if (id >= this.shared.limits.services) {
      throw limitError(`service ${name}`, `there are ${this.shared.limits.services} services already`);
    }
    const record: ServiceRecord = {
      name,
      id,
      table: undefined,
      slots: new Map(),
      ejected: new Set(),
      writtenUs: 0,
    };
    this.records[id] = record;
    this.#names.set(name, record);
    return record;
  }

  #dropRecord(record: ServiceRecord): void {
    this.#names.delete(record.name);
    this.#forgetIfEmpty(record);
  }

  /** The number of a service that is gone may be another's once nothing is in flight at its endpoints. */
  #forgetIfEmpty(record: ServiceRecord): void {
    if (record.table !== undefined || record.slots.size > 0 || this.records[record.id] !== record) return;
    this.records[record.id] = undefined;
    this.#freeIds.push(record.id);
  }

  /** Endpoints that drained and are back: new to slow start, with the same number. */
  #takeBack(record: ServiceRecord, keys: readonly string[], nowUs: number): [number, Draining][] {
    const back: [number, Draining][] = [];
    if (this.draining.size === 0) return back;
    for (const key of keys) {
      const slot = record.slots.get(key) as number;
      const drained = this.draining.get(slot);
      if (drained === undefined) continue;
      back.push([slot, drained]);
      this.draining.delete(slot);
      this.slots.sinceUs[slot] = nowUs;
    }
    return back;
  }

  #undo(record: ServiceRecord, added: readonly string[], back: readonly [number, Draining][]): void {
    for (const key of added) {
      const slot = record.slots.get(key) as number;
      record.slots.delete(key);
      this.slots.free(slot);
    }
    for (const [slot, drained] of back) this.draining.set(slot, drained);
  }

  /** The endpoints that the table no longer names. */
  #drainOthers(record: ServiceRecord, keys: readonly string[], epoch: number): void {
    if (record.slots.size === keys.length) return;
    const there = new Set(keys);
    for (const [key, slot] of record.slots) if (!there.has(key)) this.#drain(record, key, slot, epoch);
  }

  #drain(record: ServiceRecord, key: string, slot: number, epoch: number): void {
    if (!this.draining.has(slot)) this.draining.set(slot, { record, key, epoch });
  }
}

/** What the region of the service is to say. @param keys of its endpoints, in their order. */
export function planService(
  { slots: numbers, ejected }: ServiceRecord,
  table: ServiceTable,
  { sinceUs }: Slots,
  nowUs: number,
  keys: readonly string[] = table.endpoints.map(keyOf),
): RegionPlan {
  const slots = keys.map((key) => numbers.get(key) as number);
  const { parameters } = POLICIES[policyCode(table.policy)];
  return planRegion(
    arrange(table, { keys, slots, sinceUs, ejected }, nowUs),
    table.policy,
    parameters.map(({ name, default: value }) => table.parameters?.[name] ?? value),
    table.affinitySeconds ?? 0,
  );
}

function isWarming(
  record: ServiceRecord,
  { slowStart, endpoints }: ServiceTable,
  slots: Slots,
  nowUs: number,
): boolean {
  if (slowStart === undefined) return false;
  const beganUs = nowUs - 1e6 * slowStart.windowSeconds;
  return endpoints.some((endpoint) => slots.sinceUs[record.slots.get(keyOf(endpoint)) as number] > beganUs);
}

function limitError(object: string, message: string): ApiError {
  const problem: Problem = { object, path: '', message, severity: 'error' };
  return new ApiError('Forbidden', [problem]);
}
