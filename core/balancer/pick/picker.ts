/**
 * The picker: which endpoint the next connection or request of a service goes to. One for each thread; proxy, simulator and
 * benchmark use this one. A pick reads one word atomically (where the service's region is), allocates nothing, and is done
 * before the worker does anything else, so that a region is never read across a `pass`. Where nothing stands before a policy of
 * O(1), all of it is one function of WebAssembly (pick-kernel.ts).
 */

import { mix32 } from '../hashing/text.ts';
import { observeLatency } from '../policies/peak-ewma.ts';
import { addProbe, probeTarget } from '../policies/prequal.ts';
import { POLICIES } from '../policies/registry.ts';
import { readAddress } from '../tables/address.ts';
import type { SharedTables } from '../tables/layout.ts';
import * as layout from '../tables/layout.ts';
import { TableReader } from '../tables/reader.ts';
import type { Tried } from '../tables/tried.ts';
import { Affinity } from './affinity.ts';
import { ELSEWHERE, makePickKernel, type PickKernel } from './pick-kernel.ts';

// Names of the module's own are constants to V8; an imported one is loaded and checked at each use.
const {
  ADDRESS,
  AFFINITY_SECONDS,
  CODE,
  FAILURES,
  GROUP_COUNT,
  GROUP_WORDS,
  GROUPS,
  HEADER_WORDS,
  LATENCY,
  OUTCOME_WORDS,
  OWNER,
  PARAMETERS,
  PORT,
  SLOT_WORDS,
  SLOTS,
  SUCCESSES,
  THRESHOLD,
  TRAILING,
} = layout;

/** No endpoint may be picked, or every one was tried. */
export const NO_ENDPOINT = -1;
/** Other choices that a policy is asked for before the rest of the endpoints is gone through one by one. */
const ATTEMPTS = 8;
/** The place of the failure penalty among the parameters of a policy that watches latency. */
const PENALTY_MS = 1;

const CHOOSE = POLICIES.map((policy) => policy.choose);
const COMMIT = POLICIES.map((policy) => policy.commit);

export class Picker {
  readonly reader: TableReader;
  readonly affinity: Affinity;
  readonly #sinceUs = new Float64Array(1);
  readonly #pickAtOnce: PickKernel;

  /**
   * @param worker the place that `BalancerTables.join` gave. @param seed another one for each worker.
   */
  constructor(shared: SharedTables, worker: number, seed: number) {
    this.reader = new TableReader(shared, worker, seed);
    this.affinity = new Affinity(shared);
    this.#pickAtOnce = makePickKernel(shared, worker);
  }

  /**
   * The number of an endpoint, or NO_ENDPOINT.
   * @param service a number from `BalancerTables.serviceId`.
   * @param client an int32: the hash of the client's address (`clientHash`), or what else is to stay at one endpoint.
   * @param nowUs any clock in µs that only rises, the same for all workers.
   * @param tried endpoints that this request was sent to before.
   */
  pick(service: number, client: number, nowUs: number, tried?: Tried): number {
    if (tried === undefined) {
      const endpoint = this.#pickAtOnce(service, client, nowUs);
      if (endpoint !== ELSEWHERE) return endpoint;
    }
    const { reader } = this;
    const region = reader.regionOf(service);
    if (region === 0) return NO_ENDPOINT;
    reader.region = region;
    reader.service = service;
    reader.clock[0] = nowUs;
    return this.#pickByStages(region, client, tried);
  }

  /** Work begins at the endpoint. */
  onStart(endpoint: number): void {
    const { loads, serviceLoads, slots } = this.reader;
    loads[2 * endpoint]++;
    serviceLoads[2 * (slots[SLOT_WORDS * endpoint + OWNER] - 1)]++;
  }

  /** It ended well. @param latencyUs from its start on. */
  onEnd(endpoint: number, nowUs: number, latencyUs: number): void {
    const { outcomes } = this.reader;
    outcomes[OUTCOME_WORDS * endpoint + SUCCESSES]++;
    outcomes[OUTCOME_WORDS * endpoint + TRAILING] = 0;
    this.#ended(endpoint, nowUs, latencyUs, false);
  }

  /** It ended by a failure of the endpoint: refused, reset, timed out, a 5xx. */
  onError(endpoint: number, nowUs: number, latencyUs: number): void {
    const { outcomes } = this.reader;
    outcomes[OUTCOME_WORDS * endpoint + FAILURES]++;
    outcomes[OUTCOME_WORDS * endpoint + TRAILING]++;
    this.#ended(endpoint, nowUs, latencyUs, true);
  }

  /** Prequal: an endpoint that a probe is to be sent to. */
  probeTarget(service: number): number {
    return probeTarget(this.reader, service);
  }

  /** Prequal: the reply. @param rif requests in flight at the endpoint. @param latencyUs its latency at that load. */
  onProbe(service: number, endpoint: number, rif: number, latencyUs: number, nowUs: number): void {
    this.reader.clock[0] = nowUs;
    addProbe(this.reader, service, endpoint, rif, latencyUs);
  }

  /** This worker holds nothing of old tables: once a turn of the event loop, and when the writer wakes it. */
  pass(): void {
    this.reader.pass();
  }

  /** In its canonical spelling; makes a text each time. */
  addressOf(endpoint: number): string {
    return readAddress(this.reader.slots, SLOT_WORDS * endpoint + ADDRESS);
  }

  portOf(endpoint: number): number {
    return this.reader.slots[SLOT_WORDS * endpoint + PORT];
  }

  /** The row of the group that the pick belongs to. */
  groupFor(region: number, client: number): number {
    const { words } = this.reader;
    const groups = words[region + GROUPS];
    let row = region + HEADER_WORDS;
    if (groups === 1) return row;
    const draw = POLICIES[words[row + CODE]].byClient ? mix32(client) : this.reader.draws.word();
    while (draw >>> 0 > words[row + THRESHOLD] >>> 0) row += GROUP_WORDS;
    return row;
  }

  /** The endpoint that the client had, if it was here in time and the endpoint is still in the table; else -1. */
  affinityEntry(region: number, client: number, tried: Tried | undefined): number {
    const { reader } = this;
    this.#sinceUs[0] = reader.clock[0] - 1e6 * reader.words[region + AFFINITY_SECONDS];
    const entry = this.affinity.find(reader.service, client, this.#sinceUs);
    if (entry < 0) return -1;
    const slot = this.affinity.slotAt(entry);
    if (tried?.has(slot) || !this.#isEligible(region, slot)) return -1;
    return entry;
  }

  #pickByStages(region: number, client: number, tried: Tried | undefined): number {
    if (this.reader.words[region + AFFINITY_SECONDS] === 0) return this.#pickFresh(region, client, tried);
    const entry = this.affinityEntry(region, client, tried);
    if (entry >= 0) {
      this.affinity.touch(entry, this.reader.clock);
      return this.affinity.slotAt(entry);
    }
    const slot = this.#pickFresh(region, client, tried);
    if (slot >= 0) this.affinity.remember(this.reader.service, client, slot, this.reader.clock);
    return slot;
  }

  #pickFresh(region: number, client: number, tried: Tried | undefined): number {
    const { reader } = this;
    const { words } = reader;
    if (words[region + GROUPS] === 0) return NO_ENDPOINT;
    const group = this.groupFor(region, client);
    if (tried !== undefined && tried.count > 0) return this.untried(region, group, client, tried, true);
    const code = words[group + CODE];
    const index = CHOOSE[code](reader, group, client, 0);
    COMMIT[code]?.(reader, group, index);
    return words[words[group + SLOTS] + index];
  }

  /** The policy's other choices; then whoever is left, in its group first. @param counts whether the choice is committed. */
  untried(region: number, group: number, client: number, tried: Tried, counts: boolean): number {
    const { reader } = this;
    const { words } = reader;
    const code = words[group + CODE];
    reader.tried = tried;
    for (let attempt = 0; attempt <= ATTEMPTS; attempt++) {
      const index = CHOOSE[code](reader, group, client, attempt);
      if (index < 0 || tried.has(reader.slotAt(group, index))) continue;
      if (counts) COMMIT[code]?.(reader, group, index);
      return reader.slotAt(group, index);
    }
    const found = this.#untriedIn(group, tried);
    if (found >= 0) return found;
    for (let i = 0; i < words[region + GROUPS]; i++) {
      const other = this.#untriedIn(region + HEADER_WORDS + GROUP_WORDS * i, tried);
      if (other >= 0) return other;
    }
    return NO_ENDPOINT;
  }

  #untriedIn(group: number, tried: Tried): number {
    const { reader } = this;
    const count = reader.words[group + GROUP_COUNT];
    const from = reader.draws.below(count);
    for (let i = 0; i < count; i++) {
      const slot = reader.slotAt(group, (from + i) % count);
      if (!tried.has(slot)) return slot;
    }
    return NO_ENDPOINT;
  }

  #isEligible(region: number, slot: number): boolean {
    for (let i = 0; i < this.reader.words[region + GROUPS]; i++) {
      if (this.reader.positionIn(region + HEADER_WORDS + GROUP_WORDS * i, slot) >= 0) return true;
    }
    return false;
  }

  #ended(endpoint: number, nowUs: number, latencyUs: number, failed: boolean): void {
    const { reader } = this;
    const service = reader.slots[SLOT_WORDS * endpoint + OWNER] - 1;
    reader.loads[2 * endpoint]--;
    reader.serviceLoads[2 * service]--;
    const region = reader.regionOf(service);
    if (region === 0 || reader.words[region + LATENCY] === 0) return;
    reader.clock[0] = nowUs;
    const parameters = (region >> 1) + PARAMETERS;
    const penaltyUs = failed ? 1000 * reader.reals[parameters + PENALTY_MS] : 0;
    observeLatency(reader, endpoint, Math.max(latencyUs, penaltyUs), 1000 * reader.reals[parameters]);
  }
}
