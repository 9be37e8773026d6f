/** PodTopologySpread's hard constraints over groups: no domain may rise too far above the emptiest. Semantics 3.11. */
import type { PodRequest } from '../../cluster/pod-request.ts';
import { selectorMatches } from '../../objects/selectors.ts';
import type { View } from '../framework.ts';
import { type CountedRows, countedRows, matchColumn } from '../plugins/pod-topology-spread.ts';
import type { SpreadConstraint } from '../terms/spread-constraints.ts';
import { DomainTable } from './domain-table.ts';
import type { EngineLimits } from './limits.ts';
import type { Part } from './part.ts';
import { Topology } from './topology.ts';

interface Domains {
  constraint: SpreadConstraint;
  topology: Topology;
  counts: DomainTable;
  /** Fine keys: own count → counted rows with it, for the least. */
  histogram: Map<number, number>;
  column: Int32Array | undefined;
  self: number;
  min: number;
}

export class SpreadHardPart implements Part {
  readonly name = 'PodTopologySpread';
  readonly width: number;
  readonly filters = true;
  readonly #domains: Domains[];
  readonly #constraints: readonly SpreadConstraint[];
  readonly #pod: PodRequest;
  readonly #view: View;
  #counted: CountedRows;

  constructor(constraints: readonly SpreadConstraint[], pod: PodRequest, view: View, limits: EngineLimits) {
    const { cluster } = view;
    this.#constraints = constraints;
    this.#pod = pod;
    this.#view = view;
    this.width = constraints.length;
    this.#domains = constraints.map((constraint) => ({
      constraint,
      topology: new Topology(constraint.topologyKey, cluster, limits),
      counts: new DomainTable(cluster.rows),
      histogram: new Map(),
      column: matchColumn(constraint.selector, pod, cluster),
      self: selectorMatches(constraint.selector, pod.pod.metadata.labels) ? 1 : 0,
      min: 0,
    }));
    this.#counted = countedRows(constraints, true, pod, cluster);
  }

  grow(rows: number): void {
    for (const { topology, counts } of this.#domains) {
      topology.grow(rows);
      counts.grow(rows);
    }
  }

  renew(): boolean {
    const { cluster } = this.#view;
    for (const domains of this.#domains) {
      if (!domains.topology.renew()) return false;
      domains.column = matchColumn(domains.constraint.selector, this.#pod, cluster);
    }
    this.#counted = countedRows(this.#constraints, true, this.#pod, cluster);
    return true;
  }

  get broken(): string | undefined {
    return this.#domains.map(({ topology }) => topology.broken).find((reason) => reason);
  }

  enter(n: number): void {
    const counted = this.#counted.row(n);
    this.#domains.forEach(({ topology, counts, histogram, column }, i) => {
      topology.enter(n);
      this.#uncount(n, counts, histogram, topology);
      if (!counted || !this.#counted.constraint(i, n)) {
        counts.leave(n);
        return;
      }
      const count = column?.[n] ?? 0;
      counts.enter(n, topology.ids[n], count);
      if (topology.fine) histogram.set(count, (histogram.get(count) ?? 0) + 1);
    });
  }

  leave(n: number): void {
    for (const { topology, counts, histogram } of this.#domains) {
      topology.leave(n);
      this.#uncount(n, counts, histogram, topology);
      counts.leave(n);
    }
  }

  #uncount(n: number, counts: DomainTable, histogram: Map<number, number>, { fine }: Topology): void {
    if (!fine || !counts.has(n)) return;
    const own = counts.own(n);
    const rows = (histogram.get(own) ?? 0) - 1;
    if (rows > 0) histogram.set(own, rows);
    else histogram.delete(own);
  }

  /** Coarse: the value id, 0 when absent. Fine: the own count, -1 when absent. */
  write(n: number, path: number[], at: number): void {
    this.#domains.forEach(({ topology, counts }, i) => {
      const value = topology.ids[n];
      if (topology.fine) path[at + i] = value === 0 ? -1 : counts.own(n);
      else path[at + i] = value;
    });
  }

  prepare(): void {
    for (const domains of this.#domains) {
      const { constraint, topology, counts, histogram } = domains;
      if (counts.domains < constraint.minDomains) domains.min = 0;
      else domains.min = topology.fine ? Math.min(...histogram.keys()) : counts.least();
    }
  }

  fits(path: readonly number[], at: number): boolean {
    for (let i = 0; i < this.#domains.length; i++) {
      const { constraint, topology, counts, self, min } = this.#domains[i];
      const value = path[at + i];
      if (value === (topology.fine ? -1 : 0)) return false;
      const count = topology.fine ? value : counts.sum(value);
      if (count + self - min > constraint.maxSkew) return false;
    }
    return true;
  }
}
