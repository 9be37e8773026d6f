/**
 * Nodes and pods as they were last delivered, and on top of them the pods assumed on a node before their binding is
 * confirmed; the decider is kept in step with both.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/cache/cache.go.
 */
import { assert } from '../assert.ts';
import type { Node, Pod } from '../objects/types.ts';
import { boundTo } from './bound-pod.ts';
import { type Decider, podKey } from './framework.ts';

/** A copy with its node is made when somebody asks for it, and then kept: most are only confirmed. */
interface AssumedPod {
  pod: Pod;
  readonly nodeName: string;
}

export class Cache {
  readonly #decider: Decider;
  readonly #nodes = new Map<string, Node>();
  readonly #pods = new Map<string, Pod>();
  readonly #assumed = new Map<string, AssumedPod>();

  constructor(decider: Decider) {
    this.#decider = decider;
  }

  /** Returns the node as it was before; undefined when it is new. */
  setNode(node: Node): Node | undefined {
    const { name } = node.metadata;
    const old = this.#nodes.get(name);
    this.#nodes.set(name, node);
    if (old) this.#decider.updateNode(node);
    else this.#decider.addNode(node);
    return old;
  }

  removeNode(name: string): Node | undefined {
    const old = this.#nodes.get(name);
    if (!old) return undefined;
    this.#nodes.delete(name);
    this.#decider.removeNode(name);
    return old;
  }

  /** As delivered: an assumed pod has no node here. Those that came with a snapshot stand in the decider alone. */
  pod(key: string): Pod | undefined {
    return this.#pods.get(key) ?? (this.#assumed.has(key) ? undefined : this.#decider.placedPod?.(key));
  }

  /** With its node; undefined once the binding is confirmed. */
  assumedPod(key: string): Pod | undefined {
    const assumed = this.#assumed.get(key);
    return assumed && (assumed.pod = boundTo(assumed.pod, assumed.nodeName));
  }

  isAssumed(key: string): boolean {
    return this.#assumed.has(key);
  }

  /** Where the pod was placed or assumed. */
  hostOf(key: string): string | undefined {
    return this.#assumed.get(key)?.nodeName ?? this.pod(key)?.spec.nodeName;
  }

  /** Pods that wait for a node, as they were last delivered. */
  *waiting(): Generator<Pod> {
    for (const pod of this.#pods.values()) if (!pod.spec.nodeName) yield pod;
  }

  /** A node that the decider knows already: it comes from a snapshot. */
  adoptNode(node: Node): void {
    this.#nodes.set(node.metadata.name, node);
  }

  /** A pod that the decider, which can give it back, has placed already. */
  adoptAssumed(pod: Pod, key: string, nodeName: string): void {
    this.#assumed.set(key, { pod, nodeName });
  }

  /** A pod that waits for a node. */
  setWaiting(pod: Pod): void {
    this.#pods.set(podKey(pod), pod);
  }

  /** A pod that came with a node, changed on it, or whose binding is confirmed. */
  setAssigned(pod: Pod): void {
    const key = podKey(pod);
    const before = this.#assumed.get(key)?.pod ?? this.pod(key);
    const host = this.hostOf(key);
    this.#pods.set(key, pod);
    this.#assumed.delete(key);
    if (host === pod.spec.nodeName) {
      this.#decider.updatePod(pod);
      return;
    }
    if (before && host) this.#takeOff(before);
    this.#decider.addPod(pod);
  }

  /** An assumed pod stays assumed: see forget. */
  removePod(key: string): void {
    const old = this.pod(key);
    this.#pods.delete(key);
    if (old?.spec.nodeName) this.#decider.removePod(old);
  }

  /** The pod, as it was decided for, counts on that node from now on. */
  assume(pod: Pod, nodeName: string): void {
    const key = podKey(pod);
    assert(!this.#assumed.has(key), () => `${key} is assumed already`);
    const assumed = { pod, nodeName };
    this.#assumed.set(key, assumed);
    if (this.#decider.assume) this.#decider.assume(pod, nodeName);
    else this.#decider.addPod((assumed.pod = boundTo(pod, nodeName)));
  }

  /** Takes the assumed pod off its node; returns it. */
  forget(key: string): Pod {
    const pod = this.assumedPod(key);
    assert(pod, () => `${key} is not assumed`);
    this.#assumed.delete(key);
    this.#takeOff(pod);
    return pod;
  }

  /** What the cycle reserved for it is free again. */
  #takeOff(pod: Pod): void {
    this.#decider.unreserve(pod);
    this.#decider.removePod(pod);
  }
}
