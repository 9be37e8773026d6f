/**
 * Pods that preemption, or someone outside, has promised a node. Their place is kept from pods of lower priority.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/queue/nominator.go.
 */
import { type Pod, priorityOf } from '../../objects/types.ts';
import { type NominatedPods, podKey } from '../framework.ts';

const NOBODY: readonly Pod[] = [];
/** So many changes are remembered, and up to twice as many. */
const CHANGES = 4096;

export class Nominator implements NominatedPods {
  /** Lists are replaced, never changed: a reader may keep one. */
  readonly #onNode = new Map<string, readonly Pod[]>();
  readonly #nodeOf = new Map<string, string>();

  /** Names of nodes whose lists changed, the latest last. */
  #changed: string[] = [];
  #forgotten = 0;

  get size(): number {
    return this.#nodeOf.size;
  }

  /** A pod has one nomination; a new one replaces the old and goes to the end of its node's list. */
  add(pod: Pod, nodeName: string): void {
    const key = podKey(pod);
    this.delete(key);
    this.#nodeOf.set(key, nodeName);
    this.#onNode.set(nodeName, [...this.onNode(nodeName), pod]);
    this.#note(nodeName);
  }

  /** @param key podKey of the pod; unknown keys are fine. */
  delete(key: string): void {
    const nodeName = this.#nodeOf.get(key);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(key);
    const rest = this.onNode(nodeName).filter((pod) => podKey(pod) !== key);
    if (rest.length > 0) this.#onNode.set(nodeName, rest);
    else this.#onNode.delete(nodeName);
    this.#note(nodeName);
  }

  #note(nodeName: string): void {
    if (this.#changed.push(nodeName) < 2 * CHANGES) return;
    this.#changed.splice(0, CHANGES);
    this.#forgotten += CHANGES;
  }

  get changes(): number {
    return this.#forgotten + this.#changed.length;
  }

  changedSince(changes: number): readonly string[] | undefined {
    return changes < this.#forgotten ? undefined : this.#changed.slice(changes - this.#forgotten);
  }

  /** The pod changed. A nomination made in memory survives an update in which neither side names a node. */
  update(before: Pod, after: Pod): void {
    const named = after.status?.nominatedNodeName;
    const kept = before.status?.nominatedNodeName ? undefined : this.nodeOf(podKey(before));
    this.delete(podKey(before));
    const nodeName = named || kept;
    if (nodeName) this.add(after, nodeName);
  }

  nodeOf(key: string): string | undefined {
    return this.#nodeOf.get(key);
  }

  onNode(nodeName: string): readonly Pod[] {
    return this.#onNode.get(nodeName) ?? NOBODY;
  }

  nodeNames(): Iterable<string> {
    return this.#onNode.keys();
  }

  byNode(): Iterable<readonly [nodeName: string, pods: readonly Pod[]]> {
    return this.#onNode;
  }

  /** Pods nominated to the node with a priority below `priority`, in order of nomination. */
  lowerPriority(nodeName: string, priority: number): Pod[] {
    return this.onNode(nodeName).filter((pod) => priorityOf(pod) < priority);
  }
}
