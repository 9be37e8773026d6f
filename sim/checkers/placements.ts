/** What the checkers keep of the cluster: plain objects, nothing of the scheduler's. Pods come with spec.nodeName. */

import { type Labels, type Node, type Pod, podKey } from '../../core/index.ts';

export class Placements {
  readonly nodes = new Map<string, Node>();
  /** Labels of namespaces that have any. */
  readonly namespaces = new Map<string, Labels>();
  readonly #onNode = new Map<string, Map<string, Pod>>();

  constructor(nodes: Iterable<Node>) {
    for (const node of nodes) this.nodes.set(node.metadata.name, node);
  }

  add(pod: Pod): void {
    const name = pod.spec.nodeName ?? '';
    let pods = this.#onNode.get(name);
    if (!pods) this.#onNode.set(name, (pods = new Map()));
    pods.set(podKey(pod), pod);
  }

  remove(pod: Pod): void {
    this.#onNode.get(pod.spec.nodeName ?? '')?.delete(podKey(pod));
  }

  podsOn(nodeName: string): Iterable<Pod> {
    return this.#onNode.get(nodeName)?.values() ?? [];
  }

  /** Every placed pod with its node, if the node still exists. */
  *placed(): Iterable<{ pod: Pod; node: Node }> {
    for (const [name, pods] of this.#onNode) {
      const node = this.nodes.get(name);
      if (node) for (const pod of pods.values()) yield { pod, node };
    }
  }
}
