/**
 * The userspace data plane: endpoints stand in shared tables (core/balancer), worker threads accept connections, pick and
 * forward. This is the main thread's side: it writes the tables, says who listens where, and waits for acknowledgements.
 */
import { availableParallelism } from 'node:os';
import {
  ApiError,
  type BackendEndpoint,
  BalancerTables,
  backendsName,
  type Frontend,
  frontendKey,
  type Problem,
  type Route,
  type TableLimits,
} from '../../../core/index.ts';
import { serviceTableOf } from '../balance.ts';
import type {
  DataPlane,
  DrainResult,
  EndpointAddress,
  EndpointStats,
  PlaneHealth,
  PlaneStats,
  ServedBackends,
  ServedFrontend,
  TableChanges,
} from '../data-plane.ts';
import { Conditions } from './conditions.ts';
import { AllCounters, sharedCounters } from './counters.ts';
import { Crew, type CrewEvent } from './crew.ts';
import { Drains, keyOf } from './drains.ts';
import { type ListenAddress, probe } from './listen-address.ts';
import { type ListenerSpec, NO_SERVICE } from './messages.ts';
import { Rounds } from './rounds.ts';
import { nowUs } from './thread.ts';

export interface UserspaceOptions {
  /** Where a frontend is served: an unprivileged process cannot take its cluster address. Port 0: any that is free. */
  placesOf(frontend: Frontend): readonly ListenAddress[];
  /** One per core by default. One only where a system cannot let several threads listen on one address. */
  threads?: number;
  /** Over all workers; a connection more is reset. */
  maxConnections?: number;
  /** UDP sessions over all workers; a client more is not answered. */
  maxSessions?: number;
  limits?: Partial<TableLimits>;
  /** A worker that answers nothing for so long is replaced. */
  stallMs?: number;
  /** HTTP: for the head of a request to arrive; then 408. */
  headerTimeoutMs?: number;
  /** Loads are folded, memory is freed and drains are looked at so often: each costs a wake-up, also when nothing happens. */
  tickMs?: number;
  seed?: number;
  onEvent?: (event: CrewEvent) => void;
}

const DEFAULT_MAX_CONNECTIONS = 65_536;
const DEFAULT_MAX_SESSIONS = 16_384;
const DEFAULT_STALL_MS = 10_000;
const DEFAULT_HEADER_TIMEOUT_MS = 10_000;
const DEFAULT_TICK_MS = 5;
/** Who fails is looked for so often. */
const LOOK_MS = 100;
/** Workers are asked for a sign of life so often, and endpoints in slow start get more weight. */
const BEAT_MS = 1_000;
/** Systems where sockets may share an address and the kernel deals out connections (SO_REUSEPORT). */
const SHARING = ['linux', 'freebsd', 'aix', 'sunos'];

export class UserspacePlane implements DataPlane {
  readonly #tables: BalancerTables;
  readonly #crew: Crew;
  readonly #rounds: Rounds;
  readonly #conditions: Conditions;
  readonly #counters: AllCounters;
  readonly #options: UserspaceOptions;
  readonly #threads: number;
  /** As told, drained endpoints included; by name. */
  readonly #backends = new Map<string, ServedBackends>();
  /** By frontendKey. */
  readonly #frontends = new Map<string, ServedFrontend>();
  /** By id: what every worker listens on. */
  readonly #listeners = new Map<string, ListenerSpec>();
  /** By id: addresses that could not be had. */
  readonly #failures = new Map<string, string>();
  readonly #drains: Drains;
  readonly #timer: NodeJS.Timeout;
  #told = 0;
  #acknowledged = 0;
  /** Changes of listeners are made one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #queued = 0;
  readonly #beatMs: number;
  #nextLookMs = 0;
  #nextBeatMs = 0;
  readonly #lost = { workersLost: 0, workersStalled: 0 };

  private constructor(options: UserspaceOptions) {
    const { limits, maxConnections = DEFAULT_MAX_CONNECTIONS, maxSessions = DEFAULT_MAX_SESSIONS } = options;
    const reusePort = SHARING.includes(process.platform);
    this.#options = options;
    this.#threads = reusePort ? (options.threads ?? availableParallelism()) : 1;
    const workers = this.#threads;
    this.#tables = new BalancerTables({ limits: { ...limits, workers } });
    const counters = sharedCounters(workers);
    this.#counters = new AllCounters(counters);
    const {
      seed = 1,
      stallMs = DEFAULT_STALL_MS,
      headerTimeoutMs = DEFAULT_HEADER_TIMEOUT_MS,
      onEvent = () => {},
    } = options;
    const { shared } = this.#tables;
    this.#crew = new Crew({
      threads: this.#threads,
      stallMs,
      startOf: (place) => ({
        shared,
        place,
        seed: seed + place,
        counters,
        maxConnections,
        maxSessions,
        headerTimeoutMs,
        reusePort,
      }),
      join: () => this.#tables.join(),
      leave: (place) => {
        this.#tables.leave(place);
        this.#counters.retire(place);
      },
      listeners: () => [...this.#listeners.values()],
      onEvent: (event) => {
        if (event.type === 'worker-lost') this.#lost.workersLost++;
        if (event.type === 'worker-stalled') this.#lost.workersStalled++;
        onEvent(event);
      },
    });
    this.#rounds = new Rounds(this.#crew);
    this.#conditions = new Conditions(this.#tables);
    this.#drains = new Drains(this.#tables);
    this.#beatMs = Math.min(BEAT_MS, stallMs / 2);
    this.#timer = setInterval(() => this.#tick(), options.tickMs ?? DEFAULT_TICK_MS);
  }

  /** Resolves when all workers run. */
  static async start(options: UserspaceOptions): Promise<UserspacePlane> {
    const plane = new UserspacePlane(options);
    await plane.#crew.start();
    return plane;
  }

  /** Where a frontend is reached now. */
  addressesOf(key: string): ListenAddress[] {
    return [...this.#listeners.values()].filter(({ frontend }) => frontend === key);
  }

  /** The worker threads, for tests that end one. */
  get workers(): Crew['workers'] {
    return this.#crew.workers;
  }

  async apply(version: number, changes: TableChanges): Promise<void> {
    if (!(version > this.#told)) {
      const message = `version ${version} is not greater than ${this.#told}`;
      throw new ApiError('Conflict', [{ path: 'version', message, severity: 'error' }]);
    }
    this.#told = version;
    const { frontends, frontendsGone, backendsGone } = changes;
    const plain = frontends.length === 0 && frontendsGone.length === 0 && backendsGone.length === 0;
    const problems: Problem[] = [];
    if (plain && this.#queued === 0) {
      this.#writeAll(changes.backends, problems);
      await this.#rounds.pass();
    } else {
      await this.#enqueue(() => this.#applyAll(changes, problems));
    }
    if (version > this.#acknowledged) this.#acknowledged = version;
    if (problems.length > 0) throw new ApiError('Invalid', problems);
  }

  async drain(endpoint: EndpointAddress, deadlineMs: number): Promise<DrainResult> {
    const untilMs = performance.now() + deadlineMs;
    await this.#enqueue(async () => {
      for (const name of this.#drains.hold(endpoint, this.#backends.values())) this.#write(name);
      await this.#rounds.pass();
    });
    return this.#drains.wait(endpoint, untilMs);
  }

  stats(): PlaneStats {
    const counters = { ...this.#counters.read(), ...this.#conditions.counts(), ...this.#lost };
    const services = [...this.#backends].map(([name, { endpoints }]) => {
      const ejected = this.#conditions.ejectedOf(name);
      const statsOf = (endpoint: BackendEndpoint): EndpointStats => {
        const { address, port } = endpoint;
        const id = this.#tables.endpointId(name, endpoint);
        if (id === undefined) return { address, port, inFlight: 0 };
        return { address, port, inFlight: this.#tables.inFlight(id), ...(ejected.has(id) && { ejected: true }) };
      };
      return { name, endpoints: endpoints.map(statsOf) };
    });
    const { activeConnections, activeSessions } = counters;
    return { version: this.#acknowledged, activeConnections, activeSessions, counters, services };
  }

  health(): PlaneHealth {
    const problems = [...this.#failures].map(([id, message]) => `${id}: ${message}`);
    const { failure } = this.#conditions;
    if (failure !== undefined) problems.push(failure);
    const workers = this.#crew.ready;
    if (workers < this.#threads) problems.push(`${this.#threads - workers} of ${this.#threads} workers are missing`);
    return {
      healthy: problems.length === 0,
      version: this.#acknowledged,
      workers,
      wantedWorkers: this.#threads,
      problems,
    };
  }

  async close(graceMs: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    await Promise.race([this.#enqueue(() => this.#crew.order({ type: 'stop' }, true)), late]);
    clearTimeout(timer);
    clearInterval(this.#timer);
    this.#drains.giveUp();
    await this.#crew.close();
  }

  // --- tables ------------------------------------------------------------------------------------------------------

  #writeAll(backends: readonly ServedBackends[], problems: Problem[]): void {
    for (const told of backends) {
      const before = this.#backends.get(told.name);
      this.#backends.set(told.name, told);
      this.#drains.release(told);
      try {
        this.#write(told.name, before);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        problems.push(...error.problems);
        if (before) this.#backends.set(told.name, before);
        else this.#backends.delete(told.name);
      }
    }
  }

  /** The table of one service, without those that drain. */
  #write(name: string, before = this.#backends.get(name)): void {
    const told = this.#backends.get(name) as ServedBackends;
    const { endpoints, protocol } = told;
    const there = endpoints.filter((endpoint) => !this.#drains.isHeld(endpoint, name));
    const cut = protocol === 'UDP' && before ? this.#idsOfOthers(name, before.endpoints, there) : [];
    const now = nowUs();
    this.#tables.apply(name, serviceTableOf(told, there), now);
    this.#conditions.set(told, there, now);
    this.#rounds.cut(cut);
  }

  #idsOfOthers(name: string, before: readonly BackendEndpoint[], there: readonly BackendEndpoint[]): number[] {
    const stay = new Set(there.map(keyOf));
    return before
      .filter((endpoint) => !stay.has(keyOf(endpoint)))
      .flatMap((endpoint) => this.#tables.endpointId(name, endpoint) ?? []);
  }

  #remove(name: string): void {
    const before = this.#backends.get(name);
    if (before?.protocol === 'UDP') this.#rounds.cut(this.#idsOfOthers(name, before.endpoints, []));
    this.#conditions.remove(name, nowUs());
    this.#backends.delete(name);
    this.#tables.remove(name);
    this.#drains.forget(name);
  }

  // --- listeners ---------------------------------------------------------------------------------------------------

  /**
   * Tables of new services come first, then the listeners that name them; a service goes when no listener names it any
   * more, as its number may then be another's.
   */
  async #applyAll(changes: TableChanges, problems: Problem[]): Promise<void> {
    this.#writeAll(changes.backends, problems);
    for (const key of changes.frontendsGone) this.#frontends.delete(key);
    for (const served of changes.frontends) this.#frontends.set(frontendKey(served.frontend), served);
    const keys = new Set([...changes.frontendsGone, ...changes.frontends.map(({ frontend }) => frontendKey(frontend))]);
    await this.#listen(keys, problems);
    for (const name of changes.backendsGone) this.#remove(name);
    await this.#rounds.pass();
  }

  async #listen(keys: ReadonlySet<string>, problems: Problem[]): Promise<void> {
    const wanted = new Map<string, ListenerSpec>();
    for (const key of keys) {
      const served = this.#frontends.get(key);
      for (const spec of served ? this.#specsOf(key, served) : []) wanted.set(spec.id, spec);
    }
    const close = [...this.#listeners.values()]
      .filter(({ id, frontend }) => keys.has(frontend) && !wanted.has(id))
      .map(({ id }) => id);
    for (const id of close) this.#listeners.delete(id);
    for (const id of this.#failures.keys()) if (!this.#frontends.has(id.split('@')[0])) this.#failures.delete(id);
    // Closed first, as another frontend may come to the same address.
    if (close.length > 0) await this.#crew.order({ type: 'listen', set: [], close });
    const set = (await Promise.all([...wanted.values()].map((spec) => this.#claim(spec, problems)))).flat();
    for (const spec of set) this.#listeners.set(spec.id, spec);
    const failed = set.length > 0 ? await this.#crew.order({ type: 'listen', set, close: [] }) : [];
    for (const { id, message } of failed) this.#fail(id, message, problems);
  }

  #specsOf(key: string, { frontend, settings }: ServedFrontend): ListenerSpec[] {
    const { fromNode, fromOutside, sourceRanges, affinitySeconds, protocol } = frontend;
    if (protocol !== 'TCP' && protocol !== 'UDP') return [];
    return this.#options.placesOf(frontend).map(({ host, port }) => ({
      id: `${key}@${host}:${port}`,
      frontend: key,
      host,
      port,
      protocol,
      fromNode: this.#serviceOf(frontend, fromNode),
      fromOutside: this.#serviceOf(frontend, fromOutside),
      sourceRanges,
      affinity: affinitySeconds > 0,
      settings,
    }));
  }

  #serviceOf(frontend: Frontend, route: Route): number {
    const name = backendsName(frontend, route);
    return (name === undefined ? undefined : this.#tables.serviceId(name)) ?? NO_SERVICE;
  }

  /** The spec with its port, where the address can be had or is ours already. */
  async #claim(spec: ListenerSpec, problems: Problem[]): Promise<ListenerSpec[]> {
    const ours = this.#listeners.get(spec.id);
    if (ours) return [{ ...spec, port: ours.port }];
    try {
      const port = await probe(spec);
      this.#failures.delete(spec.id);
      return [{ ...spec, port }];
    } catch (error) {
      this.#fail(spec.id, (error as Error).message, problems);
      return [];
    }
  }

  #fail(id: string, message: string, problems: Problem[]): void {
    const key = id.split('@')[0];
    const service = this.#frontends.get(key)?.frontend.service;
    this.#failures.set(id, message);
    this.#listeners.delete(id);
    problems.push({ object: `service ${service}`, path: `frontend ${key}`, message, severity: 'error' });
  }

  // --- order and time ----------------------------------------------------------------------------------------------

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    this.#queued++;
    const done = this.#queue.then(work).finally(() => this.#queued--);
    this.#queue = done.catch(() => {}); // Whoever asked for the work is told.
    return done;
  }

  #tick(): void {
    const now = nowUs();
    this.#tables.collect(now);
    if (this.#threads > 1) this.#tables.fold();
    this.#drains.settle();
    this.#crew.watch();
    if (now < 1000 * this.#nextLookMs) return;
    this.#nextLookMs = now / 1000 + LOOK_MS;
    this.#look(now);
  }

  /** What is written here nobody waits for; workers pass it so that memory is freed, and tell by it that they live. */
  #look(now: number): void {
    const epoch = this.#tables.epochs.current;
    const beat = now >= 1000 * this.#nextBeatMs;
    this.#conditions.look(now);
    if (beat) this.#tables.refresh(now);
    if (!beat && this.#tables.epochs.current === epoch) return;
    if (beat) this.#nextBeatMs = now / 1000 + this.#beatMs;
    if (!this.#rounds.underWay) void this.#rounds.pass();
  }
}
