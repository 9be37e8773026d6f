/**
 * The nftables data plane: the kernel carries the connections, and this process only changes its table. Changes that come
 * while a transaction runs go into the next one together. The table outlives a crash, so that connections go on; whoever
 * starts next replaces it in one transaction.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApiError, type Cidr, type Frontend } from '../../../core/index.ts';
import type { DataPlane, DrainResult, EndpointAddress, PlaneHealth, PlaneStats, TableChanges } from '../data-plane.ts';
import { Conntrack, type Flow, staleFlows } from './conntrack.ts';
import { TABLE } from './layout.ts';
import { Nft } from './nft.ts';
import { Ruleset } from './rules.ts';
import { Served } from './served.ts';

export interface NftablesOptions {
  /** This node's; without one every endpoint counts as its own where a pod may reach itself. */
  nodeName?: string;
  /** Addresses of this node's pods. */
  podRanges?: readonly Cidr[];
  /** Of cluster addresses: what no Service has of them is dropped. */
  clusterRanges?: readonly Cidr[];
  /** Node ports answer at 127.0.0.1 too: see layout.ts. */
  loopback?: boolean;
  /** A table that a dead process left serves until the first change is told; else it goes at once. */
  keepsUntilTold?: boolean;
  /** Path of another network namespace to serve. */
  netns?: string;
  /** The table is looked after so often, and loaded again if somebody has flushed it. */
  checkMs?: number;
  /** Another nft, another conntrack. */
  commands?: { readonly nft?: string; readonly conntrack?: string };
}

const DEFAULT_CHECK_MS = 30_000;
const DRAIN_POLL_MS = 100;

interface Waiting {
  readonly version: number;
  readonly changes: TableChanges;
  resolve(): void;
  reject(error: unknown): void;
}

export class NftablesPlane implements DataPlane {
  readonly #nft: Nft;
  readonly #conntrack: Conntrack;
  readonly #rules: Ruleset;
  readonly #served = new Served();
  readonly #netns: string | undefined;
  /** A chain of this name tells that the table is still ours. */
  readonly #owner = `owner-${randomUUID()}`;
  readonly #waiting: Waiting[] = [];
  readonly #touched = new Set<string>();
  readonly #counters = { transactions: 0, fullLoads: 0, failures: 0, udpFlowsCut: 0 };
  #working: Promise<void> | undefined;
  #told = 0;
  /** The last that the kernel has. */
  #version = 0;
  /** The kernel has not what the rules say. */
  #behind = true;
  /** Another process has the table. */
  #lost = false;
  /** Why the table is not as it should be. */
  #failure: string | undefined;
  #noConntrack: string | undefined;
  #inFlight = new Map<string, number>();
  #active = { connections: 0, sessions: 0 };
  #timer: NodeJS.Timeout | undefined;
  readonly #atExit = (): void => this.#nft.transactionAtExit(`${this.#claim()}delete table ${TABLE}\n`);

  private constructor({ nodeName, podRanges = [], clusterRanges, loopback, netns, commands = {} }: NftablesOptions) {
    this.#nft = new Nft(netns, commands.nft);
    this.#conntrack = new Conntrack(netns, commands.conntrack);
    this.#rules = new Ruleset({ ...(nodeName !== undefined && { nodeName }), podRanges, clusterRanges, loopback });
    this.#netns = netns;
  }

  /**
   * Resolves when the kernel has the table, empty; one that a dead process left is replaced, now or with the first change.
   * @throws ApiError as Nft.transaction: no nft, not root, or a kernel that cannot.
   */
  static async start(options: NftablesOptions = {}): Promise<NftablesPlane> {
    const plane = new NftablesPlane(options);
    if (options.keepsUntilTold) await plane.#nft.transaction(`add table ${TABLE}\n`);
    else await plane.#load();
    process.on('exit', plane.#atExit);
    await plane.sample();
    plane.#timer = setInterval(() => void plane.#check(), options.checkMs ?? DEFAULT_CHECK_MS);
    plane.#timer.unref();
    return plane;
  }

  async apply(version: number, changes: TableChanges): Promise<void> {
    if (!(version > this.#told)) {
      const message = `version ${version} is not greater than ${this.#told}`;
      throw new ApiError('Conflict', [{ path: 'version', message, severity: 'error' }]);
    }
    this.#told = version;
    await this.#enqueue(version, changes);
  }

  async drain(endpoint: EndpointAddress, deadlineMs: number): Promise<DrainResult> {
    const until = Date.now() + deadlineMs;
    for (const key of this.#served.drain(endpoint)) this.#touched.add(key);
    await this.#work();
    for (;;) {
      const inFlight = this.#noConntrack === undefined ? await this.#conntrack.countOf(endpoint) : 0;
      if (inFlight === 0 && this.#noConntrack === undefined) {
        // A client that comes again from the same port would be taken for the one that has ended.
        await this.#tracking(() => this.#conntrack.forget(endpoint));
        return { ended: true, inFlight };
      }
      if (Date.now() >= until) return { ended: false, inFlight };
      await wait(Math.min(DRAIN_POLL_MS, until - Date.now()));
    }
  }

  /** What is in flight is as of the last `sample`. */
  stats(): PlaneStats {
    const services = [...this.#served.backends()].map(({ name, endpoints }) => ({
      name,
      endpoints: endpoints.map(({ address, port }) => ({
        address,
        port,
        inFlight: this.#inFlight.get(`${address} ${port}`) ?? 0,
      })),
    }));
    return {
      version: this.#version,
      activeConnections: this.#active.connections,
      activeSessions: this.#active.sessions,
      counters: { ...this.#counters },
      services,
    };
  }

  health(): PlaneHealth {
    const broken = this.#failure === undefined ? [] : [this.#failure];
    const notes = [
      ...(this.#noConntrack === undefined ? [] : [this.#noConntrack]),
      ...(forwards(this.#netns) ? [] : ['net.ipv4.ip_forward is 0: endpoints beyond this node are not reached']),
    ];
    return {
      healthy: broken.length === 0,
      version: this.#version,
      // The kernel is the one worker.
      workers: broken.length === 0 ? 1 : 0,
      wantedWorkers: 1,
      problems: [...broken, ...notes, ...this.#served.notes()],
    };
  }

  /** Counts what the kernel carries now, for `stats`; reads every flow, so not for each request. */
  async sample(): Promise<void> {
    await this.#tracking(async () => {
      const inFlight = new Map<string, number>();
      const active = { connections: 0, sessions: 0 };
      for (const protocol of ['TCP', 'UDP'] as const) {
        for (const flow of await this.#conntrack.list(protocol, ['--dst-nat'])) {
          if (flow.state === 'TIME_WAIT' || flow.state === 'CLOSE') continue;
          const key = `${flow.by.address} ${flow.by.port}`;
          inFlight.set(key, (inFlight.get(key) ?? 0) + 1);
          active[protocol === 'TCP' ? 'connections' : 'sessions']++;
        }
      }
      this.#inFlight = inFlight;
      this.#active = active;
    });
  }

  /** Nothing new is served; then connections get their time, as translation ends with the table. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#timer);
    const endpoints = [...this.#served.backends()].flatMap(({ endpoints }) => endpoints);
    const frontendsGone = [...this.#served.keys()];
    const backendsGone = [...this.#served.backends()].map(({ name }) => name);
    const none = { frontends: [], backends: [] };
    // A table that is no longer ours needs no emptying.
    await this.#enqueue(this.#told, { ...none, frontendsGone, backendsGone }).catch(() => {});
    const until = Date.now() + graceMs;
    while (endpoints.length > 0 && Date.now() < until && this.#noConntrack === undefined) {
      await this.sample();
      if (!endpoints.some(({ address, port }) => this.#inFlight.has(`${address} ${port}`))) break;
      await wait(Math.min(DRAIN_POLL_MS, Math.max(0, until - Date.now())));
    }
    process.off('exit', this.#atExit);
    if (await this.#nft.hasChain(this.#owner)) await this.#nft.transaction(`${this.#claim()}delete table ${TABLE}\n`);
  }

  /** The table as the kernel has it. */
  list(): Promise<string> {
    return this.#nft.list();
  }

  #enqueue(version: number, changes: TableChanges): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ version, changes, resolve, reject });
    this.#work();
    return promise;
  }

  #work(): Promise<void> {
    this.#working ??= this.#drainQueue();
    return this.#working;
  }

  async #drainQueue(): Promise<void> {
    // What is asked for in one turn of the event loop goes together.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0 || this.#touched.size > 0) await this.#round(this.#waiting.splice(0));
    } finally {
      // In the turn that found nothing more to do, so that what comes next starts anew.
      this.#working = undefined;
    }
  }

  async #round(batch: readonly Waiting[]): Promise<void> {
    const problems = batch.map(({ changes }) => {
      const folded = this.#served.fold(changes);
      for (const key of folded.touched) this.#touched.add(key);
      return folded.problems;
    });
    try {
      await this.#write();
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    this.#version = Math.max(this.#version, ...batch.map(({ version }) => version));
    for (const [i, { resolve, reject }] of batch.entries()) {
      if (problems[i].length === 0) resolve();
      else reject(new ApiError('Invalid', problems[i]));
    }
  }

  async #write(): Promise<void> {
    const changed = new Map<string, Frontend | undefined>();
    for (const key of this.#touched) changed.set(key, this.#served.frontend(key));
    this.#touched.clear();
    const commands = this.#rules.change(changed);
    if (this.#lost) throw this.#takenOver();
    if (this.#behind) await this.#load();
    else if (commands !== '') await this.#send(commands);
    await this.#cutStale(changed);
  }

  async #send(commands: string): Promise<void> {
    try {
      await this.#nft.transaction(this.#claim() + commands);
      this.#counters.transactions++;
    } catch (error) {
      this.#counters.failures++;
      await this.#recover(error);
    }
  }

  /** Fails the transaction where the table is not ours. */
  #claim(): string {
    return `flush chain ${TABLE} ${this.#owner}\n`;
  }

  /** A table that somebody flushed is loaded again; one that another process took is left alone. */
  async #recover(cause: unknown): Promise<void> {
    if (!(await this.#nft.hasChain(this.#owner)) && (await this.#nft.hasChain('services'))) {
      this.#lost = true;
      this.#failure = `another process has taken over table ${TABLE}`;
      throw this.#takenOver(cause);
    }
    await this.#load();
  }

  #takenOver(cause?: unknown): ApiError {
    const message = this.#failure ?? '';
    return new ApiError('Conflict', [{ path: '', object: 'nft', message, severity: 'error' }], { cause });
  }

  async #load(): Promise<void> {
    this.#behind = true;
    try {
      await this.#nft.transaction(this.#rules.full(this.#owner));
    } catch (error) {
      this.#failure = `the table could not be loaded: ${(error as Error).message}`;
      throw error;
    }
    this.#behind = false;
    this.#failure = undefined;
    this.#counters.fullLoads++;
  }

  async #check(): Promise<void> {
    await this.#working;
    if (this.#behind || this.#lost || (await this.#nft.hasChain(this.#owner))) return;
    // What fails here is told by health(), and tried again at the next change.
    await this.#recover(new Error('the table is gone')).catch(() => {});
  }

  async #cutStale(changed: ReadonlyMap<string, Frontend | undefined>): Promise<void> {
    if (![...changed.keys()].some((key) => key.endsWith('/UDP'))) return;
    await this.#tracking(async () => {
      const stale: Flow[] = staleFlows(await this.#conntrack.list('UDP'), changed);
      await this.#conntrack.cut(stale);
      this.#counters.udpFlowsCut += stale.length;
    });
  }

  /** Without the tool all else works, and health() says what does not. */
  async #tracking(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#noConntrack = undefined;
    } catch (error) {
      this.#noConntrack = `${(error as Error).message}: UDP clients stay with endpoints that are gone, and nothing in flight is counted`;
    }
  }
}

/** Whether this machine forwards; unknown, and so taken for granted, of another namespace. */
function forwards(netns: string | undefined): boolean {
  if (netns !== undefined) return true;
  try {
    return readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim() !== '0';
  } catch {
    return true;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
