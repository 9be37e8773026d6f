/** PodTopologySpread's soft constraints over groups: prefer domains with few matching pods. Semantics 4.8. */
import type { PodRequest } from '../../cluster/pod-request.ts';
import { MAX_NODE_SCORE, type View } from '../framework.ts';
import { goLog, goRound } from '../go-math.ts';
import { type CountedRows, countedRows, matchColumn } from '../plugins/pod-topology-spread.ts';
import { HOSTNAME, type SpreadConstraint, type SpreadConstraints } from '../terms/spread-constraints.ts';
import { DomainTable } from './domain-table.ts';
import type { Group } from './groups.ts';
import type { EngineLimits } from './limits.ts';
import type { Part } from './part.ts';
import { Topology } from './topology.ts';

interface Soft {
  constraint: SpreadConstraint;
  topology: Topology;
  /** Per domain; hostnames count per row instead. */
  counts: DomainTable | undefined;
  column: Int32Array | undefined;
  weight: number;
}

/** What a path says where the node lacks the key. */
const ABSENT = -1;

export class SpreadSoftPart implements Part {
  readonly name = 'PodTopologySpread';
  readonly width: number;
  readonly filters = false;
  readonly #soft: Soft[];
  readonly #found: SpreadConstraints;
  readonly #weight: number;
  readonly #pod: PodRequest;
  readonly #view: View;
  #counted: CountedRows;

  constructor(found: SpreadConstraints, weight: number, pod: PodRequest, view: View, limits: EngineLimits) {
    const { cluster } = view;
    this.#found = found;
    this.#weight = weight;
    this.#pod = pod;
    this.#view = view;
    this.width = found.constraints.length;
    this.#soft = found.constraints.map((constraint) => ({
      constraint,
      topology: new Topology(constraint.topologyKey, cluster, limits),
      counts: constraint.topologyKey === HOSTNAME ? undefined : new DomainTable(cluster.rows),
      column: matchColumn(constraint.selector, pod, cluster),
      weight: 0,
    }));
    this.#counted = countedRows(found.constraints, found.requireAllTopologies, pod, cluster);
  }

  grow(rows: number): void {
    for (const { topology, counts } of this.#soft) {
      topology.grow(rows);
      counts?.grow(rows);
    }
  }

  renew(): boolean {
    const { cluster } = this.#view;
    for (const soft of this.#soft) {
      if (!soft.topology.renew()) return false;
      soft.column = matchColumn(soft.constraint.selector, this.#pod, cluster);
    }
    this.#counted = countedRows(this.#found.constraints, this.#found.requireAllTopologies, this.#pod, cluster);
    return true;
  }

  get broken(): string | undefined {
    for (const { topology, counts } of this.#soft) {
      // Hostnames are scored per row whatever their number; any other key needs few values.
      if (counts && topology.fine) return `${topology.key} has a value for every node`;
      if (counts && topology.broken) return topology.broken;
    }
    return undefined;
  }

  enter(n: number): void {
    const counted = this.#counted.row(n);
    this.#soft.forEach(({ topology, counts, column }, i) => {
      topology.enter(n);
      if (!counts) return;
      if (counted && this.#counted.constraint(i, n))
        counts.enter(n, domainOf(topology, topology.ids[n]), column?.[n] ?? 0);
      else counts.leave(n);
    });
  }

  leave(n: number): void {
    for (const { topology, counts } of this.#soft) {
      topology.leave(n);
      counts?.leave(n);
    }
  }

  /** The value id, or on hostnames the row's own pods. */
  write(n: number, path: number[], at: number): void {
    this.#soft.forEach(({ topology, counts, column }, i) => {
      const value = topology.ids[n];
      if (value === 0) path[at + i] = ABSENT;
      else path[at + i] = counts ? value : (column?.[n] ?? 0);
    });
  }

  score(groups: readonly Group[], at: number): void {
    let nodes = 0;
    for (const group of groups) if (group.passes && !this.#isIgnored(group, at)) nodes += group.queue.size;
    this.#soft.forEach((soft, i) => {
      soft.weight = goLog((soft.counts ? this.#domainsAmong(groups, at, i) : nodes) + 2);
    });
    let min = Number.MAX_SAFE_INTEGER;
    let max = 0;
    for (const group of groups) {
      if (!group.passes || this.#isIgnored(group, at)) continue;
      const raw = this.#raw(group, at);
      if (raw < min) min = raw;
      if (raw > max) max = raw;
    }
    for (const group of groups) {
      if (!group.passes || this.#isIgnored(group, at)) continue;
      const share =
        max === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (max + min - this.#raw(group, at))) / max);
      group.shared += this.#weight * share;
    }
  }

  /** Nodes without some key score 0, unless the constraints are the system's. */
  #isIgnored({ path }: Group, at: number): boolean {
    if (!this.#found.requireAllTopologies) return false;
    for (let i = 0; i < this.width; i++) if (path[at + i] === ABSENT) return true;
    return false;
  }

  #domainsAmong(groups: readonly Group[], at: number, i: number): number {
    const { topology } = this.#soft[i];
    const seen = new Set<number>();
    for (const group of groups) {
      if (!group.passes || this.#isIgnored(group, at)) continue;
      seen.add(domainOf(topology, Math.max(group.path[at + i], 0)));
    }
    return seen.size;
  }

  #raw({ path }: Group, at: number): number {
    let sum = 0;
    for (let i = 0; i < this.#soft.length; i++) {
      const value = path[at + i];
      if (value === ABSENT) continue;
      const { constraint, counts, topology, weight } = this.#soft[i];
      const count = counts ? counts.sum(domainOf(topology, value)) : value;
      sum += count * weight + (constraint.maxSkew - 1);
    }
    return goRound(sum);
  }
}

/** A node without the key and one whose value is '' fall into the same domain. */
function domainOf({ dictionary }: Topology, value: number): number {
  return value || dictionary.find('');
}
