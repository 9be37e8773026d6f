/**
 * All nodes and the pods placed on them, kept by events. Pods of a node that is missing wait for it.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/cache/cache.go.
 */
import { NodeTree } from '../../cluster/node-tree.ts';
import { isFinished, type Node, type Pod } from '../../objects/types.ts';
import { podKey } from '../framework.ts';
import { ImageTable } from './image-table.ts';
import { NodeInfo } from './node-info.ts';

export class ClusterState {
  readonly #infos = new Map<string, NodeInfo>();
  readonly #tree = new NodeTree();
  readonly #images = new ImageTable();
  /** Every placed pod, by key. */
  readonly #pods = new Map<string, Pod>();
  /** Name of a missing node → its pods, in order. */
  readonly #waiting = new Map<string, Pod[]>();
  /** Nodes whose record changed since the last snapshot. */
  readonly #changed = new Set<string>();

  /** Adds the node, or replaces it when it is known. */
  setNode(node: Node): void {
    const { name } = node.metadata;
    const before = this.#infos.get(name);
    if (before) this.#images.remove(before.node);
    const info = new NodeInfo(node);
    for (const pod of before?.pods ?? this.#waiting.get(name) ?? []) info.add(pod);
    this.#waiting.delete(name);
    this.#infos.set(name, info);
    this.#images.add(node);
    this.#changed.add(name);
    if (before) {
      info.images = before.images;
      this.#tree.update(node);
    } else this.#tree.add(node);
  }

  removeNode(name: string): void {
    const info = this.#infos.get(name);
    if (!info) return;
    this.#images.remove(info.node);
    this.#infos.delete(name);
    this.#tree.remove(name);
    this.#changed.delete(name);
    if (info.pods.length > 0) this.#waiting.set(name, [...info.pods]);
  }

  /** Adds the pod, or replaces it when it is known. A pod that is finished, or placed nowhere, is none of ours. */
  setPod(pod: Pod): void {
    this.removePod(pod);
    const { nodeName } = pod.spec;
    if (!nodeName || isFinished(pod)) return;
    this.#pods.set(podKey(pod), pod);
    const info = this.#infos.get(nodeName);
    if (info) {
      info.add(pod);
      this.#changed.add(nodeName);
      return;
    }
    const waiting = this.#waiting.get(nodeName);
    if (waiting) waiting.push(pod);
    else this.#waiting.set(nodeName, [pod]);
  }

  removePod(pod: Pod): void {
    const key = podKey(pod);
    const known = this.#pods.get(key);
    if (!known) return;
    this.#pods.delete(key);
    const nodeName = known.spec.nodeName as string;
    const info = this.#infos.get(nodeName);
    if (info) {
      info.remove(known);
      this.#changed.add(nodeName);
      return;
    }
    const rest = (this.#waiting.get(nodeName) ?? []).filter((other) => podKey(other) !== key);
    if (rest.length > 0) this.#waiting.set(nodeName, rest);
    else this.#waiting.delete(nodeName);
  }

  /** The nodes in walking order. Nodes that changed since the last snapshot see the image counts of now. */
  snapshot(): NodeInfo[] {
    for (const name of this.#changed) {
      const info = this.#infos.get(name);
      if (info) info.images = this.#images.summaries(info.node);
    }
    this.#changed.clear();
    return this.#tree.order().map((name) => this.#infos.get(name) as NodeInfo);
  }
}
