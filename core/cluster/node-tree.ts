/**
 * The order in which nodes are walked: zones in order of first appearance, round robin over the zones, order of arrival
 * within one. Shared by all deciders.
 * Source: Kubernetes v1.36, pkg/scheduler/backend/cache/{node_tree,snapshot}.go.
 */
import { assert } from '../assert.ts';
import type { Labels, Node } from '../objects/types.ts';

const ZONE_SEPARATOR = ':\0:';

/** region and zone in one text; '' when the node has neither. Beta labels win over the GA ones. */
export function zoneKeyOf(labels: Labels | undefined): string {
  const region =
    labels?.['failure-domain.beta.kubernetes.io/region'] ?? labels?.['topology.kubernetes.io/region'] ?? '';
  const zone = labels?.['failure-domain.beta.kubernetes.io/zone'] ?? labels?.['topology.kubernetes.io/zone'] ?? '';
  return region === '' && zone === '' ? '' : region + ZONE_SEPARATOR + zone;
}

/** What a tree knows beyond its nodes: zones and names in order of first appearance. */
export interface SavedTree {
  zones: readonly (readonly [zone: string, names: readonly string[]])[];
  /** The walking order: to be made when next asked for, made from these zones, or made when they were others. */
  order: 'unmade' | 'made' | readonly string[];
}

export class NodeTree {
  /** zone key → node names in order of arrival. Map order is the order of the zones. */
  readonly #zones = new Map<string, Set<string>>();
  #size = 0;
  #order: string[] = [];
  #stale = false;
  /** Somebody relies on the order as it is, though it is not written yet. */
  #fixed = false;

  /** @param node one that is not there. */
  add(node: Node): void {
    this.#enter(node.metadata.name, zoneKeyOf(node.metadata.labels));
    this.#changed();
  }

  /** A node that changes its zone moves at once, but the walking order waits for the next add or remove. */
  update(before: Node, node: Node): void {
    const zone = zoneKeyOf(node.metadata.labels);
    if (zoneKeyOf(before.metadata.labels) === zone) return;
    if (this.#fixed) this.order();
    this.#leave(before);
    this.#enter(node.metadata.name, zone);
  }

  /** @param node as it was last added or updated. */
  remove(node: Node): void {
    this.#leave(node);
    this.#changed();
  }

  get size(): number {
    return this.#size;
  }

  /** The order is what it is now until the next node comes or goes, whatever zones change before somebody reads it. */
  fix(): void {
    this.#fixed = this.#stale;
  }

  /** Node names in walking order; the array is replaced, never changed, when the order is rebuilt. */
  order(): readonly string[] {
    if (this.#stale) {
      this.#order = this.#roundRobin();
      this.#stale = false;
      this.#fixed = false;
    }
    return this.#order;
  }

  save(): SavedTree {
    if (this.#fixed) this.order();
    const zones = Array.from(this.#zones, ([zone, names]) => [zone, [...names]] as const);
    if (this.#stale) return { zones, order: 'unmade' };
    const isCurrent = this.#roundRobin().every((name, i) => name === this.#order[i]);
    return { zones, order: isCurrent ? 'made' : this.#order };
  }

  /** The nodes of the saved tree are all here, in whatever order. */
  restore({ zones, order }: SavedTree): void {
    this.#zones.clear();
    this.#size = 0;
    for (const [zone, names] of zones) for (const name of names) this.#enter(name, zone);
    this.#fixed = false;
    this.#stale = order === 'unmade';
    if (order === 'made') this.#order = this.#roundRobin();
    else if (order !== 'unmade') this.#order = [...order];
  }

  #changed(): void {
    this.#stale = true;
    this.#fixed = false;
  }

  #enter(name: string, zone: string): void {
    let names = this.#zones.get(zone);
    if (!names) this.#zones.set(zone, (names = new Set()));
    names.add(name);
    this.#size++;
  }

  #leave({ metadata: { name, labels } }: Node): void {
    const zone = zoneKeyOf(labels);
    const names = this.#zones.get(zone);
    assert(names, () => `node ${name} is in its zone`);
    names.delete(name);
    if (names.size === 0) this.#zones.delete(zone); // If the zone returns, it goes to the end.
    this.#size--;
  }

  #roundRobin(): string[] {
    const order: string[] = [];
    let zones = [...this.#zones.values()].map((names) => [...names]);
    for (let i = 0; zones.length > 0; i++) {
      let ended = false;
      for (const names of zones) {
        if (i < names.length) order.push(names[i]);
        ended ||= i + 1 >= names.length;
      }
      if (ended) zones = zones.filter((names) => i + 1 < names.length);
    }
    return order;
  }
}
