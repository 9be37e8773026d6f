/** The node in the API: made once, then its lease renewed and its status said anew, Ready as long as the engine answers. */
import type { KubeObject } from '../../../core/index.ts';
import type { ApiClient } from '../../api/client.ts';
import { LEASE_SECONDS, leaseObject, leaseSpec, type NodeFacts, nodeObject, nodeStatus } from './node-object.ts';

const NODES = { group: '', resource: 'nodes' };
const LEASES = { group: 'coordination.k8s.io', resource: 'leases' };
const LEASE_NAMESPACE = 'kube-node-lease';
/** What never changes but its heartbeat is written this rarely, as kubelets do. */
const STATUS_MS = 5 * 60_000;

export interface RegistrationOptions {
  client: ApiClient;
  facts: NodeFacts;
  now(): number;
  problem(error: Error): void;
}

export class Registration {
  readonly #options: RegistrationOptions;
  #timers: NodeJS.Timeout[] = [];
  #usable = true;
  /** As the status says. */
  #said = true;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { client, facts, now } = this.#options;
    const there = client.view.get('', 'nodes', '', facts.name);
    const node = there ?? (await client.create(NODES, nodeObject(facts)));
    await this.#writeStatus();
    // Every node begins with the taint not-ready, which goes once it is ready.
    if (!there) await client.patch(NODES, '', facts.name, { spec: { taints: null } }, { type: 'merge' });
    if (client.view.get(LEASES.group, LEASES.resource, LEASE_NAMESPACE, facts.name)) await this.#renew();
    else await client.create(LEASES, leaseObject(node, now()));
    this.#every((LEASE_SECONDS * 1000) / 4, () => this.#renew());
    this.#every(STATUS_MS, () => this.#writeStatus());
  }

  /** Whether the node can run pods: its engine answers. */
  async usable(yes: boolean): Promise<void> {
    this.#usable = yes;
    if (yes !== this.#said) await this.#writeStatus();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #every(ms: number, work: () => Promise<void>): void {
    const run = (): void => {
      work().catch((error: Error) => this.#options.problem(new Error('docker node', { cause: error })));
    };
    this.#timers.push(setInterval(run, ms).unref());
  }

  async #renew(): Promise<void> {
    const { client, facts, now } = this.#options;
    const spec = leaseSpec(facts.name, now());
    await client.patch(LEASES, LEASE_NAMESPACE, facts.name, { spec }, { type: 'merge' });
    // What could not be written when it changed.
    if (this.#said !== this.#usable) await this.#writeStatus();
  }

  async #writeStatus(): Promise<void> {
    const { client, facts, now } = this.#options;
    const node = client.view.get('', 'nodes', '', facts.name);
    // Deleted by somebody: it comes again with the next start, as with kubelets.
    if (!node) return;
    const { resourceVersion: _, ...metadata } = node.metadata;
    const usable = this.#usable;
    const status = nodeStatus(facts, node, now(), usable);
    await client.update(NODES, { ...node, metadata, status } as KubeObject, { subresource: 'status' });
    this.#said = usable;
  }
}
