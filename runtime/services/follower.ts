/**
 * A data plane that follows the Services, EndpointSlices and Nodes of an API. Whoever ends a pod withdraws it first: its
 * endpoints are taken out ahead of their slices, and that is acknowledged.
 */
import { ApiError, type EndpointSlice, type KubeObject, type Node, placeOf, type Service } from '../../core/index.ts';
import type { ApiClient, ResourceName } from '../api/client.ts';
import type { DataPlane, EndpointAddress, TableChanges } from '../proxy/data-plane.ts';
import type { HealthCheckPorts } from '../proxy/health-check-ports.ts';
import { Informer } from '../schedule/informer.ts';
import { ServicesTable } from './table.ts';

const SERVICES = { group: '', resource: 'services' };
const SLICES = { group: 'discovery.k8s.io', resource: 'endpointslices' };
const NODES = { group: '', resource: 'nodes' };
/** What the data plane refused (a port of another program) is told again after this time. */
const RETRY_MS = 5_000;
/** What is under way at an endpoint may end for so long. */
const DRAIN_MS = 1_000;
/** Pods of these nodes are nowhere. */
const MADE_UP_LABEL = 'keelson.dev/made-up';

export interface FollowerOptions {
  client: ApiClient;
  plane: DataPlane;
  checks: HealthCheckPorts;
  /** The node that is served; '' for none: nothing is local. */
  nodeName: string;
  /** By Service, 'ns/name': slices that count instead of those of the API. */
  own?: ReadonlyMap<string, EndpointSlice>;
  problem(error: Error): void;
}

export class ServiceFollower {
  readonly #options: FollowerOptions;
  readonly #table: ServicesTable;
  readonly #informers: readonly Informer[];
  readonly #refused = new Set<string>();
  #version = 0;
  #started = false;
  /** All that was told so far is acknowledged. */
  #applied: Promise<unknown> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    const { client, own } = options;
    const table = new ServicesTable({
      fleet: () => this.#fleet(),
      reaches: (name) => client.view.get('', 'nodes', '', name)?.metadata.labels?.[MADE_UP_LABEL] !== 'true',
      ...(own && { own }),
    });
    this.#table = table;
    this.#informers = [
      this.#follow(
        NODES,
        (node, old) => this.#nodeChanged(node, old),
        (node) => this.#nodeChanged(node, undefined),
      ),
      this.#follow(
        SERVICES,
        (service) => table.setService(service as Service),
        (service) => table.removeService(service as Service),
      ),
      this.#follow(
        SLICES,
        (slice) => table.setSlice(slice as EndpointSlice),
        (slice) => table.removeSlice(slice as EndpointSlice),
      ),
    ];
  }

  /** Resolves when all Services there are have been told to the data plane. */
  async start(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.start()));
    this.#started = true;
    this.#apply();
    await this.#applied;
  }

  stop(): void {
    this.#started = false;
    clearTimeout(this.#retry);
    for (const informer of this.#informers) informer.stop();
  }

  /**
   * Resolves when nothing new goes to the pod and what was under way there has had a moment to end, or at the limit. As
   * long as nobody else is there to answer for a Service, a pod that leaves does, as with kube-proxy.
   */
  async withdraw({ metadata: { namespace = '', uid = '' } }: KubeObject, limitMs: number): Promise<void> {
    const beganMs = performance.now();
    const endpoints = this.#table.withdraw(namespace, uid);
    if (endpoints.length === 0) return;
    this.#apply();
    if (limitMs <= 0) return;
    if (!(await isWithin(this.#applied, limitMs))) {
      this.#options.problem(new Error(`the proxy did not acknowledge the end of pod ${uid} in ${limitMs} ms`));
      return;
    }
    const leftMs = Math.min(DRAIN_MS, limitMs - (performance.now() - beganMs));
    const drained = endpoints
      .filter((one) => !this.#table.isServed(namespace, one))
      .map((one) => this.#drain(one, leftMs));
    await isWithin(Promise.all(drained), leftMs);
  }

  async #drain(endpoint: EndpointAddress, deadlineMs: number): Promise<void> {
    if (deadlineMs <= 0) return;
    try {
      await this.#options.plane.drain(endpoint, deadlineMs);
    } catch (error) {
      this.#options.problem(error as Error);
    }
  }

  #follow(
    resource: ResourceName,
    changed: (object: KubeObject, old: KubeObject | undefined) => void,
    gone: (object: KubeObject) => void,
  ): Informer {
    return new Informer(this.#options.client, resource, { changed, gone, told: () => this.#apply() });
  }

  #fleet() {
    const { client, nodeName } = this.#options;
    const own = client.view.get('', 'nodes', '', nodeName) as Node | undefined;
    return {
      place: own ? placeOf(own) : { name: nodeName },
      get nodes() {
        return [...client.view.list('', 'nodes')] as Node[];
      },
    };
  }

  /** Only labels and being there count. */
  #nodeChanged(node: KubeObject, old: KubeObject | undefined): void {
    if (JSON.stringify(old?.metadata.labels) === JSON.stringify(node.metadata.labels)) return;
    this.#table.fleetChanged(node.metadata.name === this.#options.nodeName);
  }

  #apply(): void {
    if (!this.#started) return;
    const { changes, problems } = this.#table.take();
    for (const text of problems) this.#options.problem(new Error(text));
    if (isEmpty(changes)) return;
    const applied = this.#options.plane.apply(++this.#version, changes).catch((error) => this.#told(error));
    void this.#setHealthChecks();
    this.#applied = Promise.all([this.#applied, applied]);
  }

  /** What could not be served is tried again later. */
  #told(error: unknown): void {
    if (error instanceof ApiError) {
      for (const { object } of error.problems) if (object?.startsWith('service ')) this.#refused.add(object.slice(8));
    }
    this.#options.problem(error as Error);
    if (!this.#started) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#table.retell(this.#refused);
      this.#refused.clear();
      this.#apply();
    }, RETRY_MS).unref();
  }

  async #setHealthChecks(): Promise<void> {
    const { healthChecks, slices } = this.#table.healthChecks();
    const { place } = this.#fleet();
    const table = { frontends: new Map(), backends: new Map(), healthChecks, problems: [] };
    for (const { object, message } of await this.#options.checks.set({ table, slices, place }))
      this.#options.problem(new Error(`${object}: ${message}`));
  }
}

function isEmpty({ frontends, frontendsGone, backends, backendsGone }: TableChanges): boolean {
  return frontends.length + frontendsGone.length + backends.length + backendsGone.length === 0;
}

async function isWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), Math.max(0, limitMs));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
