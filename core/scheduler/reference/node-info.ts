/**
 * A node and the pods on it, as plugins read them, with sums kept as pods come and go.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/types.go (NodeInfo).
 */
import { assert } from '../../assert.ts';
import { type HostPort, hostPortsOf } from '../../cluster/pod-request.ts';
import type { Labels, Node, Pod } from '../../objects/types.ts';
import { podKey } from '../framework.ts';
import { affinityTermsOf } from '../terms/affinity-terms.ts';
import { type Amounts, addAmounts, allocatableOf, usageOf } from './amounts.ts';

/** An image as it was when the node's record was last copied. */
export interface ImageSummary {
  size: number;
  nodeCount: number;
}

export class NodeInfo {
  #node: Node;
  #allocatable: Amounts;
  #exists = true;
  /** Normalised name → size and count. Written by ImageTable. */
  images: ReadonlyMap<string, ImageSummary> = new Map();

  readonly #pods: Pod[] = [];
  readonly #requested: Amounts = new Map();
  readonly #nonZeroRequested: Amounts = new Map();
  /** 'TCP/80' → addresses. A set: when one of two holders goes, the port is free. */
  readonly #usedPorts = new Map<string, Set<string>>();
  readonly #podsWithAffinity = new Set<Pod>();
  readonly #podsWithRequiredAntiAffinity = new Set<Pod>();

  constructor(node: Node) {
    this.#node = node;
    this.#allocatable = allocatableOf(node);
  }

  /** The record of a name that only pods know. */
  static missing(name: string): NodeInfo {
    const info = new NodeInfo({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
    info.#exists = false;
    return info;
  }

  get node(): Node {
    return this.#node;
  }

  get allocatable(): Amounts {
    return this.#allocatable;
  }

  /** False while pods are bound to the name and no node has it. */
  get exists(): boolean {
    return this.#exists;
  }

  /** The node came, or changed. Its pods, and what they hold, stay. */
  setNode(node: Node): void {
    this.#node = node;
    this.#allocatable = allocatableOf(node);
    this.#exists = true;
  }

  removeNode(): void {
    this.#exists = false;
    this.images = new Map();
  }

  get name(): string {
    return this.node.metadata.name;
  }

  get labels(): Labels {
    return ownLabels(this.node.metadata.labels ?? {});
  }

  /** Appended when they come; when one goes, the last takes its place. */
  get pods(): readonly Pod[] {
    return this.#pods;
  }

  /** With a podAffinity or podAntiAffinity stanza. */
  get podsWithAffinity(): ReadonlySet<Pod> {
    return this.#podsWithAffinity;
  }

  get podsWithRequiredAntiAffinity(): ReadonlySet<Pod> {
    return this.#podsWithRequiredAntiAffinity;
  }

  requested(resource: string): bigint {
    return this.#requested.get(resource) ?? 0n;
  }

  /** cpu and memory only. */
  nonZeroRequested(resource: string): bigint {
    return this.#nonZeroRequested.get(resource) ?? 0n;
  }

  /** Same protocol and port, and equal addresses or either of them 0.0.0.0. */
  portIsTaken({ ip, protocol, port }: { ip: string; protocol: string; port: number }): boolean {
    const addresses = this.#usedPorts.get(`${protocol}/${port}`);
    if (!addresses || addresses.size === 0) return false;
    return ip === '0.0.0.0' || addresses.has('0.0.0.0') || addresses.has(ip);
  }

  /** Ports that pods hold, and that are free all the same. */
  freedPorts(): HostPort[] {
    const held = this.#pods.flatMap(hostPortsOf);
    return held.filter(({ ip, protocol, port }) => !this.#usedPorts.get(`${protocol}/${port}`)?.has(ip));
  }

  freePort({ ip, protocol, port }: HostPort): void {
    this.#usedPorts.get(`${protocol}/${port}`)?.delete(ip);
  }

  add(pod: Pod): void {
    const usage = usageOf(pod);
    this.#pods.push(pod);
    addAmounts(this.#requested, usage.requested, 1n);
    addAmounts(this.#nonZeroRequested, usage.nonZero, 1n);
    for (const { ip, protocol, port } of hostPortsOf(pod)) {
      const key = `${protocol}/${port}`;
      let addresses = this.#usedPorts.get(key);
      if (!addresses) this.#usedPorts.set(key, (addresses = new Set()));
      addresses.add(ip);
    }
    const terms = affinityTermsOf(pod);
    if (terms.hasAny) this.#podsWithAffinity.add(pod);
    if (terms.requiredAnti.length > 0) this.#podsWithRequiredAntiAffinity.add(pod);
  }

  /** Takes off the pod of that key. */
  remove(pod: Pod): void {
    const key = podKey(pod);
    const index = this.#pods.findIndex((other) => podKey(other) === key);
    assert(index >= 0, `pod ${key} is not on node ${this.name}`);
    const gone = this.#pods[index];
    const last = this.#pods.pop() as Pod;
    if (index < this.#pods.length) this.#pods[index] = last;
    const usage = usageOf(gone);
    addAmounts(this.#requested, usage.requested, -1n);
    addAmounts(this.#nonZeroRequested, usage.nonZero, -1n);
    for (const { ip, protocol, port } of hostPortsOf(gone)) this.#usedPorts.get(`${protocol}/${port}`)?.delete(ip);
    this.#podsWithAffinity.delete(gone);
    this.#podsWithRequiredAntiAffinity.delete(gone);
  }

  /** A copy that may be changed freely. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.node);
    copy.images = this.images;
    copy.#pods.push(...this.#pods);
    for (const [name, amount] of this.#requested) copy.#requested.set(name, amount);
    for (const [name, amount] of this.#nonZeroRequested) copy.#nonZeroRequested.set(name, amount);
    for (const [key, addresses] of this.#usedPorts) copy.#usedPorts.set(key, new Set(addresses));
    for (const pod of this.#podsWithAffinity) copy.#podsWithAffinity.add(pod);
    for (const pod of this.#podsWithRequiredAntiAffinity) copy.#podsWithRequiredAntiAffinity.add(pod);
    return copy;
  }
}

const own = new WeakMap<Labels, Labels>();

/** Labels in which only they are found: one may be asked for that is called as something every object inherits. */
function ownLabels(labels: Labels): Labels {
  let found = own.get(labels);
  if (!found) own.set(labels, (found = Object.assign(Object.create(null) as Labels, labels)));
  return found;
}
