/**
 * All nodes and the pods placed on them, kept by events. Pods of a node that is missing stay under its name.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/cache/cache.go.
 */
import { NodeTree } from '../../cluster/node-tree.ts';
import type { SavedCluster } from '../../cluster/snapshot/content.ts';
import { isFinished, type Node, type Pod } from '../../objects/types.ts';
import { podKey } from '../framework.ts';
import { ImageTable } from './image-table.ts';
import { NodeInfo } from './node-info.ts';

export class ClusterState {
  /** By node name. Pods may be bound to a name that no node has: that record lacks its node. */
  readonly #infos = new Map<string, NodeInfo>();
  readonly #tree = new NodeTree();
  readonly #images = new ImageTable();
  /** Every placed pod, by key. */
  readonly #pods = new Map<string, Pod>();
  /** Nodes whose record changed since the last snapshot. */
  readonly #changed = new Set<string>();

  /** Adds the node, or replaces it when it is known. */
  setNode(node: Node): void {
    const { name } = node.metadata;
    const info = this.#infoOf(name);
    if (info.exists) {
      this.#images.remove(info.node);
      this.#tree.update(info.node, node);
    } else this.#tree.add(node);
    info.setNode(node);
    this.#images.add(node);
    this.#changed.add(name);
  }

  removeNode(name: string): void {
    const info = this.#infos.get(name);
    if (!info?.exists) return;
    this.#images.remove(info.node);
    info.removeNode();
    this.#tree.remove(info.node);
    this.#changed.delete(name);
    this.#forgetIfEmpty(info);
  }

  /** Adds the pod, or replaces it when it is known. A pod that is finished, or placed nowhere, is none of ours. */
  setPod(pod: Pod): void {
    this.removePod(pod);
    const { nodeName } = pod.spec;
    if (!nodeName || isFinished(pod)) return;
    this.#pods.set(podKey(pod), pod);
    this.#infoOf(nodeName).add(pod);
    this.#changed.add(nodeName);
  }

  pod(key: string): Pod | undefined {
    return this.#pods.get(key);
  }

  removePod(pod: Pod): void {
    const key = podKey(pod);
    const known = this.#pods.get(key);
    if (!known) return;
    this.#pods.delete(key);
    const info = this.#infoOf(known.spec.nodeName as string);
    info.remove(known);
    this.#changed.add(info.name);
    this.#forgetIfEmpty(info);
  }

  #infoOf(name: string): NodeInfo {
    let info = this.#infos.get(name);
    if (!info) this.#infos.set(name, (info = NodeInfo.missing(name)));
    return info;
  }

  #forgetIfEmpty(info: NodeInfo): void {
    if (!info.exists && info.pods.length === 0) this.#infos.delete(info.name);
  }

  save(): SavedCluster {
    const infos = [...this.#infos.values()];
    const existing = infos.filter(({ exists }) => exists);
    const missing = infos.filter(({ exists }) => !exists);
    return {
      nodes: existing.map(({ node }) => node),
      placed: (each) => {
        for (const { name, pods } of [...existing, ...missing])
          for (const pod of pods) each(pod, podKey(pod), name, false);
      },
      traces: {
        ...this.#tree.save(),
        imageSizes: [...this.#images.sizes()],
        frozenImages: existing
          .filter(({ images }) => images.size > 0)
          .map(({ name, images }) => [name, Array.from(images, ([image, { nodeCount }]) => [image, nodeCount])]),
        pending: [...this.#changed].filter((name) => this.#isCounted(name)),
        freedPorts: infos.flatMap((info) => info.freedPorts().map((port) => ({ node: info.name, ...port }))),
      },
    };
  }

  /** Whether the node has images, or had some when its record was last copied. */
  #isCounted(name: string): boolean {
    const info = this.#infos.get(name);
    return info?.exists === true && (info.images.size > 0 || this.#images.summaries(info.node).size > 0);
  }

  /** Into a state that knows nothing yet. */
  load({ nodes, placed, traces }: SavedCluster): void {
    for (const node of nodes) this.setNode(node);
    placed((pod, _key, nodeName) => {
      this.setPod(pod.spec.nodeName ? pod : { ...pod, spec: { ...pod.spec, nodeName } });
    });
    this.#tree.restore(traces);
    this.#images.restoreSizes(traces.imageSizes);
    for (const [name, counts] of traces.frozenImages) {
      const seen = counts.map(
        ([image, nodeCount]) => [image, { size: this.#images.sizeOf(image), nodeCount }] as const,
      );
      this.#infoOf(name).images = new Map(seen);
    }
    for (const { node, ...port } of traces.freedPorts) this.#infoOf(node).freePort(port);
    this.#changed.clear();
    for (const name of traces.pending) this.#changed.add(name);
  }

  /** The nodes in walking order. Nodes that changed since the last snapshot see the image counts of now. */
  snapshot(): NodeInfo[] {
    for (const name of this.#changed) {
      const info = this.#infos.get(name);
      if (info?.exists) info.images = this.#images.summaries(info.node);
    }
    this.#changed.clear();
    return this.#tree.order().map((name) => this.#infos.get(name) as NodeInfo);
  }
}
