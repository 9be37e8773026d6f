/**
 * InterPodAffinity over groups: own required and preferred terms, and those that placed pods carry. Amounts are summed per
 * topology value in tables; a group's path says which values. Semantics 3.12 and 4.7.
 */
import type { PodRequest } from '../../cluster/pod-request.ts';
import { MAX_NODE_SCORE, type View } from '../framework.ts';
import { carriedTerms, podsSeenBy } from '../plugins/inter-pod-affinity.ts';
import type { PluginArgs } from '../profile.ts';
import type { CarriedTerm, CarriedTerms } from '../scan/carried-terms.ts';
import {
  type AffinityTerm,
  expandNamespaces,
  namespaceLabelsOf,
  termMatches,
  termsOfMake,
} from '../terms/affinity-terms.ts';
import { DomainTable } from './domain-table.ts';
import type { Group } from './groups.ts';
import type { EngineLimits } from './limits.ts';
import type { Part } from './part.ts';
import { Topology } from './topology.ts';

type Kind = 'affinity' | 'anti' | 'existingAnti' | 'weight';

/** One table: what some terms with one topology key add up to per value. */
interface Table {
  kind: Kind;
  topology: Topology;
  sums: DomainTable;
  /** Own terms: the pods they see, each with this weight. */
  seen: { terms: readonly AffinityTerm[]; weight: number; column: Int32Array }[];
  /** Carried terms that match the pod. */
  carried: { term: CarriedTerm; weight: (on: { pods: number; weight: number }) => number }[];
  /** Where the path tells the value (coarse), or the row's own amount (fine). */
  offset: number;
}

export class AffinityPart implements Part {
  readonly name = 'InterPodAffinity';
  readonly #pod: PodRequest;
  readonly #view: View;
  readonly #weight: number;
  readonly #doesFilter: boolean;
  readonly #limits: EngineLimits;
  readonly #args: PluginArgs['interPodAffinity'];
  readonly #carried: CarriedTerms;
  readonly #tables: Table[] = [];
  readonly #topologies = new Map<string, Topology>();
  readonly #matchesItself: boolean;
  #carriedVersion = -1;
  width = 0;

  /** @param weight 0 when the profile does not score by it; @param filters false when it does not filter. */
  constructor(
    pod: PodRequest,
    view: View,
    weight: number,
    filters: boolean,
    args: PluginArgs['interPodAffinity'],
    limits: EngineLimits,
  ) {
    this.#pod = pod;
    this.#view = view;
    this.#weight = weight;
    this.#doesFilter = filters;
    this.#args = args;
    this.#limits = limits;
    this.#carried = carriedTerms(view.cluster);
    const own = termsOfMake(pod);
    const required = expandNamespaces(own.required, view.listers);
    this.#matchesItself = required.every((term) => termMatches(term, pod.pod, undefined));
    if (filters) {
      for (const { topologyKey } of required) this.#own('affinity', topologyKey, required, 1);
      for (const term of expandNamespaces(own.requiredAnti, view.listers))
        this.#own('anti', term.topologyKey, [term], 1);
    }
    if (weight > 0) {
      for (const [terms, sign] of [
        [own.preferred, 1],
        [own.preferredAnti, -1],
      ] as const) {
        for (const term of expandNamespaces(terms, view.listers)) {
          this.#own('weight', term.topologyKey, [term], sign * term.weight);
        }
      }
    }
    this.#matchCarried();
    for (const table of this.#tables) table.offset = this.width++;
  }

  get idle(): boolean {
    return this.#tables.length === 0;
  }

  #own(kind: Kind, topologyKey: string, terms: readonly AffinityTerm[], weight: number): void {
    const column = podsSeenBy(terms, this.#view.cluster);
    // Required terms keep a table each; weights on one key add up.
    const table = kind === 'weight' ? this.#tableOf(kind, topologyKey) : this.#newTable(kind, topologyKey);
    table.seen.push({ terms, weight, column });
  }

  #newTable(kind: Kind, topologyKey: string): Table {
    const { cluster } = this.#view;
    let topology = this.#topologies.get(topologyKey);
    if (!topology) this.#topologies.set(topologyKey, (topology = new Topology(topologyKey, cluster, this.#limits)));
    const table: Table = { kind, topology, sums: new DomainTable(cluster.rows), seen: [], carried: [], offset: 0 };
    this.#tables.push(table);
    return table;
  }

  #tableOf(kind: Kind, topologyKey: string): Table {
    const table = this.#tables.find((other) => other.kind === kind && other.topology.key === topologyKey);
    return table ?? this.#newTable(kind, topologyKey);
  }

  /** Finds the carried terms that match the pod. Keys that no table has yet need one: only while the part is opened. */
  #matchCarried(): void {
    this.#carriedVersion = this.#carried.version;
    for (const table of this.#tables) table.carried = [];
    const namespaceLabels = namespaceLabelsOf(this.#pod.pod, this.#view.listers);
    const match = (kind: Kind, terms: Iterable<CarriedTerm>, weight: Table['carried'][number]['weight']): void => {
      for (const term of terms) {
        if (!termMatches(term.term, this.#pod.pod, namespaceLabels)) continue;
        this.#tableOf(kind, term.term.topologyKey).carried.push({ term, weight });
      }
    };
    if (this.#doesFilter) match('existingAnti', this.#carried.requiredAnti, ({ pods }) => pods);
    if (this.#weight === 0) return;
    const { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods } = this.#args;
    const own = termsOfMake(this.#pod);
    if (ignorePreferredTermsOfExistingPods && own.preferred.length + own.preferredAnti.length === 0) return;
    if (hardPodAffinityWeight > 0) match('weight', this.#carried.required, ({ pods }) => pods * hardPodAffinityWeight);
    match('weight', this.#carried.preferred, ({ weight }) => weight);
  }

  grow(rows: number): void {
    for (const topology of this.#topologies.values()) topology.grow(rows);
    for (const { sums } of this.#tables) sums.grow(rows);
  }

  renew(): boolean {
    const { cluster } = this.#view;
    for (const topology of this.#topologies.values()) if (!topology.renew()) return false;
    for (const { seen } of this.#tables) for (const own of seen) own.column = podsSeenBy(own.terms, cluster);
    return true;
  }

  /** False when a term that matches the pod is carried over a key that was of no interest before. */
  followCarried(): boolean {
    if (this.#carried.version === this.#carriedVersion) return true;
    const tables = this.#tables.length;
    this.#matchCarried();
    return this.#tables.length === tables;
  }

  get broken(): string | undefined {
    for (const topology of this.#topologies.values()) if (topology.broken) return topology.broken;
    return undefined;
  }

  enter(n: number): void {
    for (const topology of this.#topologies.values()) topology.enter(n);
    for (const { topology, sums, seen, carried } of this.#tables) {
      const value = topology.ids[n];
      if (value === 0) {
        sums.leave(n);
        continue;
      }
      let amount = 0;
      for (const { weight, column } of seen) amount += weight * column[n];
      for (const { term, weight } of carried) {
        const on = term.rows.get(n);
        if (on) amount += weight(on);
      }
      sums.enter(n, value, amount);
    }
  }

  leave(n: number): void {
    for (const topology of this.#topologies.values()) topology.leave(n);
    for (const { sums } of this.#tables) sums.leave(n);
  }

  write(n: number, path: number[], at: number): void {
    for (const { topology, sums, offset } of this.#tables) {
      const value = topology.ids[n];
      path[at + offset] = value === 0 ? Number.NEGATIVE_INFINITY : topology.fine ? sums.own(n) : value;
    }
  }

  #amount({ topology, sums, offset }: Table, path: readonly number[], at: number): number {
    const told = path[at + offset];
    return topology.fine ? told : sums.sum(told);
  }

  get filters(): boolean {
    return this.#tables.some(({ kind }) => kind !== 'weight');
  }

  fits(path: readonly number[], at: number): boolean {
    let satisfied = true;
    let total = 0;
    for (const table of this.#tables) {
      if (table.kind === 'weight') continue;
      const absent = path[at + table.offset] === Number.NEGATIVE_INFINITY;
      if (table.kind === 'affinity') {
        if (absent) return false;
        total += table.sums.total;
        if (this.#amount(table, path, at) <= 0) satisfied = false;
      } else if (!absent && this.#amount(table, path, at) > 0) return false;
    }
    return satisfied || (total === 0 && this.#matchesItself);
  }

  score(groups: readonly Group[], at: number): void {
    let min = Infinity;
    let max = -Infinity;
    for (const group of groups) {
      if (!group.passes) continue;
      const raw = this.#raw(group, at);
      if (raw < min) min = raw;
      if (raw > max) max = raw;
    }
    const difference = max - min;
    if (difference === 0) return;
    for (const group of groups) {
      if (!group.passes) continue;
      group.shared += this.#weight * Math.trunc(MAX_NODE_SCORE * ((this.#raw(group, at) - min) / difference));
    }
  }

  #raw({ path }: Group, at: number): number {
    let sum = 0;
    for (const table of this.#tables) {
      if (table.kind !== 'weight' || path[at + table.offset] === Number.NEGATIVE_INFINITY) continue;
      sum += this.#amount(table, path, at);
    }
    return sum;
  }
}
