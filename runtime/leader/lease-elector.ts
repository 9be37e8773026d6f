/**
 * Leadership by a Lease of kube-system: who holds it renews it; when it has not changed for as long as it says, another
 * takes it. Clocks of different machines are never compared: each counts from when it saw the Lease change. A leader that
 * cannot renew stops its work before others may begin theirs. Source: client-go/tools/leaderelection.
 */
import type { KubeObject } from '../../core/index.ts';
import type { ApiClient, ResourceName } from '../api/client.ts';
import type { Candidacy, Lead, Led } from './lead.ts';

export interface LeaseTimes {
  /** Unrenewed for so long, it is anybody's. */
  leaseMs: number;
  /** A leader that has not renewed for so long stops; less than leaseMs. */
  renewDeadlineMs: number;
  /** Between renewals, and between tries that failed. */
  retryMs: number;
}

/** client-go's, with a lease 2 s shorter: so that another leads within 15 s of a leader's death. */
export const LEASE_TIMES: LeaseTimes = { leaseMs: 13_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

export interface LeaseOptions {
  client: ApiClient;
  /** Of this process, unlike any other's. */
  identity: string;
  times?: LeaseTimes;
  /** Milliseconds that never go back. */
  now?(): number;
  /** For what the Lease says: milliseconds since 1970. */
  wallClock?(): number;
  problem(error: Error): void;
}

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

type Lease = KubeObject & { spec?: LeaseSpec };

const NAMESPACE = 'kube-system';
const LEASES: ResourceName = { group: 'coordination.k8s.io', resource: 'leases' };
/** Others' renewals are seen within this share of retryMs. */
const LOOKS_PER_RETRY = 4;

export function leadByLease(options: LeaseOptions): Lead {
  return async (name, led) => {
    const elector = new LeaseElector(name, led, options);
    await elector.start();
    return elector;
  };
}

export class LeaseElector implements Candidacy {
  readonly #name: string;
  readonly #led: Led;
  readonly #client: ApiClient;
  readonly #identity: string;
  readonly #times: LeaseTimes;
  readonly #now: () => number;
  readonly #wallClock: () => number;
  readonly #problem: (error: Error) => void;
  /** The version last seen, and when it was seen first. */
  #seen = '';
  #seenAt = 0;
  #leads = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #ending: Promise<void> = Promise.resolve();
  /** What is under way; each waits for the one before. */
  #step: Promise<void> = Promise.resolve();

  constructor(name: string, led: Led, options: LeaseOptions) {
    const { client, identity, times = LEASE_TIMES, now = () => performance.now(), wallClock = Date.now } = options;
    this.#name = name;
    this.#led = led;
    this.#client = client;
    this.#identity = identity;
    this.#times = times;
    this.#now = now;
    this.#wallClock = wallClock;
    this.#problem = options.problem;
  }

  get leads(): boolean {
    return this.#leads;
  }

  /** Resolves after the first try. Rejects when that gained the lease and the work could not begin. */
  async start(): Promise<void> {
    await this.#try();
    this.#wait();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
    await this.#step;
    if (!this.#leads) return;
    await this.#resign();
    await this.#release();
  }

  #wait(): void {
    if (this.#stopped) return;
    const { retryMs } = this.#times;
    this.#timer = setTimeout(
      () => {
        this.#step = this.#try()
          .catch((error: unknown) => this.#problem(new Error(`leading ${this.#name} failed`, { cause: error })))
          .finally(() => this.#wait());
      },
      this.#leads ? retryMs : retryMs / LOOKS_PER_RETRY,
    );
    this.#timer.unref();
  }

  async #try(): Promise<void> {
    const lease = this.#look();
    if (this.#leads && lease && this.#isOthers(lease)) await this.#resign();
    if (!this.#leads && lease && !this.#isFree(lease)) return;
    // A write that did not come about is tried again, by who leads until its deadline.
    if (!(await this.#write(lease)) || this.#stopped) return;
    this.#keepUntilDeadline();
    // It may have been lost while the write was under way.
    if (!this.#leads) await this.#begin();
  }

  #look(): Lease | undefined {
    const lease = this.#client.view.get(LEASES.group, LEASES.resource, NAMESPACE, this.#name) as Lease | undefined;
    const { resourceVersion = '' } = lease?.metadata ?? {};
    if (resourceVersion !== this.#seen) {
      this.#seen = resourceVersion;
      this.#seenAt = this.#now();
    }
    return lease;
  }

  #isFree({ spec = {} }: Lease): boolean {
    if (!spec.holderIdentity || spec.holderIdentity === this.#identity) return true;
    const leaseMs = spec.leaseDurationSeconds === undefined ? this.#times.leaseMs : spec.leaseDurationSeconds * 1000;
    return this.#now() >= this.#seenAt + leaseMs;
  }

  #isOthers(lease: Lease): boolean {
    return lease.spec?.holderIdentity !== this.#identity;
  }

  /** False: somebody was faster, or the API does not answer; the next try tells. */
  async #write(lease: Lease | undefined): Promise<boolean> {
    const time = new Date(this.#wallClock()).toISOString().replace('Z', '000Z');
    const before = lease?.spec ?? {};
    const goesOn = before.holderIdentity === this.#identity;
    const spec: LeaseSpec = {
      holderIdentity: this.#identity,
      leaseDurationSeconds: Math.ceil(this.#times.leaseMs / 1000),
      acquireTime: goesOn ? before.acquireTime : time,
      renewTime: time,
      leaseTransitions: (before.leaseTransitions ?? 0) + (goesOn || !lease ? 0 : 1),
    };
    try {
      if (lease) await this.#client.update(LEASES, { ...lease, spec } as KubeObject);
      else await this.#client.create(LEASES, newLease(this.#name, spec));
      return true;
    } catch (error) {
      const code = (error as { code?: number }).code;
      if (code === undefined || code === 500) throw error;
      return false;
    }
  }

  async #begin(): Promise<void> {
    await this.#ending;
    this.#leads = true;
    try {
      await this.#led.start();
    } catch (error) {
      await this.#resign();
      await this.#release();
      throw error;
    }
  }

  /** However long a renewal takes to fail, the work stops in time. */
  #keepUntilDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      const late = new Error(`the lease ${NAMESPACE}/${this.#name} could not be renewed; another may lead`);
      this.#problem(late);
      this.#step = Promise.all([this.#step, this.#resign()]).then(() => {});
    }, this.#times.renewDeadlineMs).unref();
  }

  async #resign(): Promise<void> {
    if (!this.#leads) return;
    this.#leads = false;
    clearTimeout(this.#deadline);
    this.#ending = Promise.resolve(this.#led.stop());
    await this.#ending;
  }

  /** So that others need not wait until it is over. */
  async #release(): Promise<void> {
    const lease = this.#look();
    if (!lease || this.#isOthers(lease)) return;
    const spec: LeaseSpec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 };
    try {
      await this.#client.update(LEASES, { ...lease, spec } as KubeObject);
    } catch (error) {
      // It runs out by itself.
      this.#problem(new Error(`the lease ${NAMESPACE}/${this.#name} could not be released`, { cause: error }));
    }
  }
}

function newLease(name: string, spec: LeaseSpec): KubeObject {
  const metadata = { name, namespace: NAMESPACE };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec } as KubeObject;
}
