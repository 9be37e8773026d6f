/**
 * The agent of all made-up nodes: takes their pods through life (running at once, ended when asked to, gone when
 * deleted), as kubelets would report it. It keeps a few numbers a pod and no copy of it.
 */
import type { KubeObject, Node } from '../../../core/index.ts';
import { objectAt, type PlainObject, textAt } from '../../../core/objects/index.ts';
import type { ApiClient, ResourceName } from '../../api/client.ts';
import { ApiError } from '../../api/http/status.ts';
import { Informer } from '../../schedule/informer.ts';
import { asNode } from '../node-user.ts';
import { AddressPool } from './address-pool.ts';
import {
  isSilent,
  LEASE_SECONDS,
  leaseObject,
  leaseSpec,
  nodeName,
  nodeObject,
  nodeStatus,
  podAddress,
  SILENT_LEASE_SECONDS,
} from './node-objects.ts';
import {
  containerEndedStatus,
  endedStatus,
  exitCodeOf,
  joinedStatus,
  readyAgainStatus,
  runMs,
  runningStatus,
} from './pod-status.ts';

const PODS: ResourceName = { group: '', resource: 'pods' };
const NODES: ResourceName = { group: '', resource: 'nodes' };
const LEASES: ResourceName = { group: 'coordination.k8s.io', resource: 'leases' };

/** Writes on their way at once. */
const IN_FLIGHT_LIMIT = 256;
/** Node's timers hold no more; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface MadeUpAgentOptions {
  client: ApiClient;
  /** How many nodes. */
  nodes: number;
  /** As kubelets of this version report themselves. */
  version: string;
  now(): number;
  problem(error: Error): void;
}

export class MadeUpAgent {
  readonly #options: MadeUpAgentOptions;
  readonly #informer: Informer;
  readonly #nodeInformer: Informer;
  /** Names of those that are as if dead. */
  readonly #silent = new Set<string>();
  /** Names of those that are heard from again, and whose pods are to be seen to. */
  readonly #heard = new Set<string>();
  /** By name, the node's number. */
  readonly #nodes = new Map<string, number>();
  /** By uid of the pod: its address, as node * 256 + the last byte. */
  readonly #addresses = new Map<string, number>();
  readonly #pool: AddressPool;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** In their order. */
  readonly #waiting = new Set<() => Promise<void>>();
  /** Stands behind those taken: from the beginning it would walk over the places of all that have gone. */
  #oldest = this.#waiting.values();
  #inFlight = 0;
  #leases: NodeJS.Timeout | undefined;

  constructor(options: MadeUpAgentOptions) {
    this.#options = options;
    this.#pool = new AddressPool(options.nodes);
    this.#informer = new Informer(options.client, PODS, {
      changed: (pod) => this.#changed(pod),
      gone: (pod) => this.#gone(pod),
    });
    this.#nodeInformer = new Informer(options.client, NODES, {
      changed: (node) => this.#nodeChanged(node),
      gone: ({ metadata: { name } }) => void this.#silent.delete(name),
      told: () => this.#catchUp(),
    });
  }

  /** Registers the nodes and takes over the pods that are on them. */
  async start(): Promise<void> {
    const { nodes } = this.#options;
    const numbers = Array.from({ length: nodes }, (_, i) => i);
    for (const i of numbers) this.#nodes.set(nodeName(i), i);
    for (let from = 0; from < nodes; from += IN_FLIGHT_LIMIT) {
      await Promise.all(numbers.slice(from, from + IN_FLIGHT_LIMIT).map((i) => this.#register(i)));
    }
    await this.#nodeInformer.start();
    await this.#informer.start();
    this.#leases = setInterval(() => this.#renewLeases(), (LEASE_SECONDS * 1000) / 3).unref();
  }

  stop(): void {
    clearInterval(this.#leases);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#informer.stop();
    this.#nodeInformer.stop();
    this.#waiting.clear();
  }

  /** A container's process has come to its end, as one does that was attached to and reads until its input closes. */
  containerEnded({ metadata: { namespace = '', name, uid } }: KubeObject, container: string, exitCode: number): void {
    const { client, now } = this.#options;
    this.#enqueue(async () => {
      const pod = client.view.get('', 'pods', namespace, name);
      if (!pod || pod.metadata.uid !== uid || this.#silent.has(nodeOf(pod))) return;
      const status = containerEndedStatus(pod, container, { endedMs: now(), exitCode });
      if (status) await this.#writeStatus(pod, status);
    });
  }

  async #register(i: number): Promise<void> {
    const { client, version, now } = this.#options;
    const name = nodeName(i);
    const own = asNode(client, name);
    let node = client.view.get('', 'nodes', '', name);
    if (!node) {
      node = await own.create(NODES, nodeObject(i, version, now()));
    }
    if (isSilent(node)) return;
    await this.#postStatus(i);
    if (client.view.get('coordination.k8s.io', 'leases', 'kube-node-lease', name)) await this.#renew(i);
    else await own.create(LEASES, leaseObject(i, now(), node));
  }

  /** Where the node is not known to be ready: it is new, or was given up while nobody heard from it. */
  async #postStatus(i: number): Promise<void> {
    const { client, version, now } = this.#options;
    const node = client.view.get('', 'nodes', '', nodeName(i)) as Node | undefined;
    if (!node || node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) return;
    const status = nodeStatus(i, version, now());
    await asNode(client, nodeName(i)).patch(
      NODES,
      '',
      nodeName(i),
      { status },
      { type: 'merge', subresource: 'status' },
    );
  }

  async #renew(i: number): Promise<void> {
    if (this.#silent.has(nodeName(i))) return;
    await this.#postStatus(i);
    await this.#writeLease(i, LEASE_SECONDS);
  }

  async #writeLease(i: number, seconds: number): Promise<void> {
    const { client, now } = this.#options;
    const spec = leaseSpec(i, now(), seconds);
    await asNode(client, nodeName(i)).patch(LEASES, 'kube-node-lease', nodeName(i), { spec }, { type: 'merge' });
  }

  #renewLeases(): void {
    for (const i of this.#nodes.values()) this.#enqueue(() => this.#renew(i));
  }

  // --- faults --------------------------------------------------------------------------------------------------------

  #nodeChanged(node: KubeObject): void {
    const { name } = node.metadata;
    const i = this.#nodes.get(name);
    if (i === undefined || isSilent(node) === this.#silent.has(name)) return;
    if (isSilent(node)) {
      this.#silent.add(name);
      this.#enqueue(() => this.#fallSilent(i));
    } else {
      this.#silent.delete(name);
      this.#heard.add(name);
      this.#enqueue(() => this.#renew(i));
    }
  }

  /** From now on it is missed as soon as a real node would be. */
  async #fallSilent(i: number): Promise<void> {
    const lease = this.#options.client.view.get(LEASES.group, LEASES.resource, 'kube-node-lease', nodeName(i));
    const { leaseDurationSeconds } = objectAt(lease as unknown as PlainObject, 'spec') ?? {};
    if (lease && leaseDurationSeconds !== SILENT_LEASE_SECONDS) await this.#writeLease(i, SILENT_LEASE_SECONDS);
  }

  /** What happened to the pods of nodes that are heard from again. */
  #catchUp(): void {
    if (this.#heard.size === 0) return;
    for (const pod of this.#options.client.view.list('', 'pods')) {
      if (this.#heard.has(nodeOf(pod))) this.#changed(pod);
    }
    this.#heard.clear();
  }

  // --- pods ----------------------------------------------------------------------------------------------------------

  #changed(pod: KubeObject): void {
    const node = this.#nodes.get(nodeOf(pod));
    if (node === undefined || this.#silent.has(nodeOf(pod))) return;
    const status = objectAt(pod as unknown as PlainObject, 'status') ?? {};
    const phase = textAt(status, 'phase');
    if (pod.metadata.deletionTimestamp) this.#enqueue(() => this.#remove(pod));
    else if (phase === 'Pending') this.#enqueue(() => this.#run(pod, node));
    else if (phase === 'Running') {
      this.#keep(pod, status);
      if (joinedStatus(pod, 0)) this.#enqueue(() => this.#join(pod));
      if (readyAgainStatus(pod, 0)) this.#enqueue(() => this.#sayReady(pod));
    }
  }

  /** Ephemeral containers that came since it runs. */
  async #join(pod: KubeObject): Promise<void> {
    const joined = joinedStatus(pod, this.#options.now());
    if (joined) await this.#writeStatus(pod, joined);
  }

  /** Its agent knows better than who has not heard from it. */
  async #sayReady(pod: KubeObject): Promise<void> {
    const ready = readyAgainStatus(pod, this.#options.now());
    if (ready) await this.#writeStatus(pod, ready);
  }

  #gone({ metadata: { uid = '' } }: KubeObject): void {
    clearTimeout(this.#timers.get(uid));
    this.#timers.delete(uid);
    const address = this.#addresses.get(uid);
    if (address === undefined) return;
    this.#addresses.delete(uid);
    this.#pool.free(address);
  }

  async #run(pod: KubeObject, node: number): Promise<void> {
    const { uid = '' } = pod.metadata;
    const address = this.#addresses.get(uid) ?? this.#pool.take(node);
    if (address === undefined) throw new Error(`node ${nodeName(node)} has no pod address left`);
    this.#addresses.set(uid, address);
    const podIP = podAddress(node, address & 255);
    const hostIP = hostAddress(node, this.#options.client);
    await this.#writeStatus(pod, runningStatus(pod, { podIP, hostIP, nowMs: this.#options.now() }));
  }

  /** A pod that runs: its address is taken, and its end comes when its time is over. */
  #keep(pod: KubeObject, status: PlainObject): void {
    const { uid = '' } = pod.metadata;
    if (!this.#addresses.has(uid)) {
      const address = this.#pool.claim(textAt(status, 'podIP') ?? '');
      if (address !== undefined) this.#addresses.set(uid, address);
    }
    const length = runMs(pod);
    if (length === undefined || this.#timers.has(uid)) return;
    const startedMs = Date.parse(textAt(status, 'startTime') ?? '') || this.#options.now();
    const left = Math.max(0, startedMs + length - this.#options.now());
    this.#endAfter(pod, startedMs, left);
  }

  #endAfter(pod: KubeObject, startedMs: number, leftMs: number): void {
    const { uid = '' } = pod.metadata;
    const step = Math.min(leftMs, LONGEST_TIMER_MS);
    const next = (): void => {
      if (leftMs > step) this.#endAfter(pod, startedMs, leftMs - step);
      else if (this.#silent.has(nodeOf(pod))) this.#timers.delete(uid);
      else this.#enqueue(() => this.#end(pod, startedMs));
    };
    this.#timers.set(uid, setTimeout(next, step).unref());
  }

  async #end(pod: KubeObject, startedMs: number): Promise<void> {
    const { client, now } = this.#options;
    const { namespace = '', name, uid } = pod.metadata;
    const current = client.view.get('', 'pods', namespace, name);
    if (!current || current.metadata.uid !== uid) return;
    await this.#writeStatus(current, endedStatus(current, { startedMs, endedMs: now(), exitCode: exitCodeOf(pod) }));
  }

  /** Nothing has to be stopped, so the grace is not waited for. */
  async #remove(pod: KubeObject): Promise<void> {
    const { namespace = '', name, uid } = pod.metadata;
    await asNode(this.#options.client, nodeOf(pod)).delete(PODS, namespace, name, {
      gracePeriodSeconds: 0,
      preconditions: { uid },
    });
  }

  async #writeStatus(pod: KubeObject, status: PlainObject): Promise<void> {
    const metadata = { ...pod.metadata, resourceVersion: undefined };
    const client = asNode(this.#options.client, nodeOf(pod));
    await client.update(PODS, { ...pod, metadata, status } as KubeObject, { subresource: 'status' });
  }

  // --- writing -------------------------------------------------------------------------------------------------------

  #enqueue(work: () => Promise<void>): void {
    this.#waiting.add(work);
    this.#drain();
  }

  #drain(): void {
    while (this.#inFlight < IN_FLIGHT_LIMIT) {
      const work = this.#next();
      if (!work) return;
      this.#waiting.delete(work);
      this.#inFlight++;
      work()
        .catch((error: unknown) => this.#report(error))
        .finally(() => {
          this.#inFlight--;
          this.#drain();
        });
    }
  }

  #next(): (() => Promise<void>) | undefined {
    const { value, done } = this.#oldest.next();
    if (!done) return value;
    this.#oldest = this.#waiting.values();
    return this.#oldest.next().value;
  }

  /** A pod that changed or went meanwhile comes again as an event. */
  #report(error: unknown): void {
    if (error instanceof ApiError && (error.code === 404 || error.code === 409)) return;
    this.#options.problem(new Error('made-up node', { cause: error }));
  }
}

function nodeOf(pod: KubeObject): string {
  return textAt(objectAt(pod as unknown as PlainObject, 'spec') ?? {}, 'nodeName') ?? '';
}

function hostAddress(node: number, client: ApiClient): string {
  const object = client.view.get('', 'nodes', '', nodeName(node)) as unknown as PlainObject | undefined;
  const addresses = object && objectAt(object, 'status')?.addresses;
  const internal = Array.isArray(addresses) ? addresses.find(({ type }) => type === 'InternalIP') : undefined;
  return internal?.address ?? '';
}
