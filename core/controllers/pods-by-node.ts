/** Which pods are on a node, as observed: kept by who follows pods. */
import { type KubeObject, keyOf, type Pod } from '../objects/types.ts';
import type { Change } from './controller.ts';

export class PodsByNode {
  readonly #byNode = new Map<string, Set<string>>();

  take({ object, old, gone }: Change): void {
    const before = old && nodeOf(old);
    const now = nodeOf(object);
    const key = keyOf(object);
    if (before && (gone || before !== now)) this.#leave(before, key);
    if (!now) return;
    if (gone) {
      this.#leave(now, key);
      return;
    }
    const pods = this.#byNode.get(now);
    if (pods) pods.add(key);
    else this.#byNode.set(now, new Set([key]));
  }

  /** Keys of the pods. */
  on(node: string): Iterable<string> {
    return this.#byNode.get(node) ?? [];
  }

  #leave(node: string, key: string): void {
    const pods = this.#byNode.get(node);
    pods?.delete(key);
    if (pods?.size === 0) this.#byNode.delete(node);
  }
}

function nodeOf(pod: KubeObject): string {
  return (pod as Pod).spec.nodeName ?? '';
}
