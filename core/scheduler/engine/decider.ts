/**
 * The engine: the scan with memory. Pods of one class share what is known of every node; a decision replays what changed
 * since the class last stood and looks at its groups. What cannot be factored is handed to the scan, and counted.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { KubeObject, Node, Pod } from '../../objects/types.ts';
import {
  type Choice,
  type Cycle,
  type Decider,
  podKey,
  type Savable,
  type SavedDecider,
  type Tie,
} from '../framework.ts';
import { guestsAmong } from '../scan/crowd.ts';
import { ScanDecider, type ScanOptions } from '../scan/decider.ts';
import type { Ranks } from '../scan/ranks.ts';
import { compareClasses, compareRefused } from './check.ts';
import { ClassTable } from './class-table.ts';
import { buildAhead, wantedAhead } from './classes-ahead.ts';
import { JoinedKeys } from './joined-keys.ts';
import { DEFAULT_LIMITS, type EngineLimits } from './limits.ts';
import { OpenScoring } from './open-scores.ts';
import { pickRow } from './pick-row.ts';
import { PodClass } from './pod-class.ts';
import { RefusedClasses } from './refused-classes.ts';
import { RowFacts } from './row-facts.ts';
import { RowJudges } from './row-judges.ts';

/** To take a row out of its class and put it back costs as much as to scan so many; few are taken out anyway. */
const NODES_PER_ROW_ASIDE = 16;
const MANY_NOMINATED = 16;
const NO_NODE_FITS = 'no node fits';
const NONE: readonly Pod[] = [];

export interface EngineOptions extends ScanOptions {
  /** Limits that are not the default ones. */
  limits?: Partial<EngineLimits>;
}

export class EngineDecider implements Decider, Savable {
  readonly kind = 'engine';
  readonly cluster: Cluster;
  /** Reason → decisions that the scan made instead. */
  readonly scans = new Map<string, number>();
  readonly #scan: ScanDecider;
  readonly #options: ScanOptions;
  readonly #limits: EngineLimits;
  readonly #classes: ClassTable;
  /** What is known of pods that fit nowhere. */
  readonly refused: RefusedClasses;
  /** Plugins from outside, whose class keys count; and one without a key. */
  readonly #outside: NonNullable<ScanOptions['plugins']>;
  readonly #silent: string | undefined;
  readonly #keys = new JoinedKeys();
  readonly #open: OpenScoring;
  readonly #facts: RowFacts;
  readonly #judges: RowJudges;
  /** Pods to come whose classes have not been thought of yet. */
  #expected: readonly Pod[] = NONE;
  /** Of the scan; from the first class on. */
  #ranks: Ranks | undefined;
  /** A cycle that choose has begun already. */
  #begun: { cycle: Cycle; stamp: number } | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#scan = new ScanDecider(options);
    this.cluster = this.#scan.cluster;
    const { pool } = this.#scan;
    this.#facts = new RowFacts(this.cluster, { shared: pool !== undefined });
    const view = { cluster: this.cluster, listers: options.listers };
    this.#judges = new RowJudges(view, this.#facts, pool, options.threadsFrom);
    this.#outside = options.plugins ?? [];
    this.#silent = this.#outside.find(({ classKey }) => !classKey)?.name;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#classes = new ClassTable(this.#limits);
    this.#open = new OpenScoring({ cluster: this.cluster, listers: options.listers });
    this.refused = new RefusedClasses((request) => this.#keyOf(request), this.#limits.buildFrom);
  }

  addNode(node: Node): void {
    this.#scan.addNode(node);
  }

  updateNode(node: Node): void {
    this.#scan.updateNode(node);
  }

  removeNode(name: string): void {
    this.#scan.removeNode(name);
  }

  addPod(pod: Pod): void {
    this.#scan.addPod(pod);
  }

  assume(pod: Pod, nodeName: string): void {
    this.#scan.assume(pod, nodeName);
  }

  updatePod(pod: Pod): void {
    this.#scan.updatePod(pod);
  }

  removePod(pod: Pod): void {
    this.#scan.removePod(pod);
  }

  objectChanged(object: KubeObject): void {
    this.#scan.objectChanged(object);
  }

  unreserve(pod: Pod): void {
    this.#scan.unreserve(pod);
  }

  placedPod(key: string): Pod | undefined {
    return this.#scan.placedPod(key);
  }

  save(): SavedDecider {
    return this.#scan.save();
  }

  load(saved: SavedDecider): void {
    this.#scan.load(saved);
  }

  /** Ends the threads that its scan has started. */
  async close(): Promise<void> {
    await this.#scan.close();
  }

  begin(pod: Pod): Cycle {
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun?.cycle.pod === pod && begun.stamp === this.#stamp()) return begun.cycle;
    return this.#scan.begin(pod, this.refused);
  }

  expect(pods: readonly Pod[]): void {
    // One thread builds a class as fast when it is asked for.
    if (this.#judges.areMany && this.#silent === undefined) this.#expected = pods;
  }

  /** Classes it remembers now. */
  get classCount(): number {
    return this.#classes.size;
  }

  choose(pod: Pod, tie: Tie, sayWhy = true): Choice | undefined {
    const found = this.#choose(pod, tie, sayWhy);
    if (typeof found === 'object') return found;
    this.scans.set(found, (this.scans.get(found) ?? 0) + 1);
    return found === NO_NODE_FITS ? undefined : this.#scan.choose(pod, tie);
  }

  /**
   * Rebuilds every class and compares: for tests, right after a decision, while its snapshot holds. Empty when all are what
   * they should be. Classes of refused pods are looked at where they are of the present.
   */
  check(now = 0): string[] {
    const problems: string[] = [];
    this.#ranks?.sync();
    this.#facts.sync();
    for (const [key, known] of this.#classes.entries()) {
      if (known.catchUp()) continue;
      const rebuilt = known.sibling();
      rebuilt.catchUp();
      for (const problem of compareClasses(known, rebuilt, this.cluster)) problems.push(`${key}: ${problem}`);
    }
    for (const [key, known] of this.refused.entries()) {
      if (!known.isCurrent) continue;
      for (const problem of compareRefused(known, this.cluster, now)) problems.push(`${key}: ${problem}`);
    }
    return problems;
  }

  /** The choice, or why the scan has to make it. */
  #choose(pod: Pod, tie: Tie, sayWhy: boolean): Choice | string {
    const { cluster } = this;
    const left = this.#leftToScan(pod);
    if (left !== undefined) return left;
    if (this.#silent !== undefined) return `plugin ${this.#silent} has no class key`;
    const request = cluster.request(pod, podKey(pod));
    if (this.refused.isFailing(request) && this.#failsAgain(pod)) {
      return sayWhy || cluster.nodeCount === 0
        ? NO_NODE_FITS
        : { host: undefined, evaluated: cluster.nodeCount, feasible: 0 };
    }
    cluster.snapshot();
    if (this.#expected.length > 0) this.#buildExpected(tie);
    const found = this.#classOf(request, tie);
    if (typeof found === 'string') return found;
    const ranks = this.#scan.ranksOf(tie.seed);
    this.#ranks = ranks;
    ranks.sync();
    this.#facts.sync();
    const reason = found.catchUp();
    if (reason) return reason.unfactored;
    const { size } = this.#options.nominated;
    if (size > MANY_NOMINATED && size * NODES_PER_ROW_ASIDE > cluster.nodeCount) return 'many pods are nominated';
    if (size > 0) {
      const crowded = this.#crowdedRows(request);
      if (crowded.some(({ guests }) => !found.canHost(guests))) return 'nominated pods meet filters across nodes';
      for (const { row, guests } of crowded) if (!found.fitsBeside(row, guests)) found.setAside(row);
    }
    const feasible = found.judge();
    const open = feasible > 1 && found.openScores.length > 0;
    const row = open
      ? this.#open.pick(found.openScores, found.groups, request, tie)
      : feasible > 0
        ? pickRow(found, cluster, ranks, tie)
        : -1;
    found.putBack();
    if (typeof row === 'object') return row.unfactored;
    if (row < 0) {
      if (sayWhy || cluster.nodeCount === 0) return NO_NODE_FITS;
      return { host: undefined, evaluated: cluster.nodeCount, feasible: 0 };
    }
    found.reserve(request, row, (undo) => this.#scan.onReserve(request.key, undo));
    const host = ranks.name(row);
    cluster.foresee(row, host);
    return { host, evaluated: cluster.nodeCount, feasible };
  }

  /** Why the pod needs no class. */
  #leftToScan(pod: Pod): string | undefined {
    // The walk would begin anywhere, and that decides ties.
    if (this.#scan.profileOf(pod).percentageOfNodesToScore < 100) return 'nodes are sampled';
    if (pod.spec.nodeName) return 'the pod names its node';
    return pod.status?.nominatedNodeName ? 'the pod is nominated' : undefined;
  }

  /** Whether it is known of every node that it refuses the pod. The cycle that says so is kept for begin. */
  #failsAgain(pod: Pod): boolean {
    const cycle = this.#scan.begin(pod, this.refused);
    if (!cycle.nothingFits()) return false;
    this.#begun = { cycle, stamp: this.#stamp() };
    return true;
  }

  /** Grows with everything that a cycle reads. */
  #stamp(): number {
    const { nominated, listers } = this.#options;
    return this.cluster.log.position + nominated.changes + listers.changes;
  }

  /** Rows with nominated pods that this one may not push aside. */
  #crowdedRows(request: PodRequest): { row: number; guests: readonly PodRequest[] }[] {
    const { nominated } = this.#options;
    const crowded: { row: number; guests: readonly PodRequest[] }[] = [];
    for (const name of nominated.nodeNames()) {
      const row = this.cluster.rowOf(name);
      const guests = row < 0 ? [] : guestsAmong(nominated.onNode(name), request, this.cluster);
      if (guests.length > 0) crowded.push({ row, guests });
    }
    return crowded;
  }

  #classOf(request: PodRequest, tie: Tie): PodClass | string {
    const key = this.#keyOf(request);
    const known = this.#classes.find(key);
    if (known) return known;
    if (!this.#classes.isWorthwhile(key)) return 'the first pod of its class';
    const made = this.#makeClass(request, tie);
    this.#classes.add(key, made, this.cluster.rows);
    return made;
  }

  #makeClass(request: PodRequest, tie: Tie): PodClass {
    const view = { cluster: this.cluster, listers: this.#options.listers };
    const profile = this.#scan.profileOf(request.pod);
    const ranks = this.#scan.ranksOf(tie.seed);
    return new PodClass(request, profile, view, this.#facts, this.#judges, ranks, this.#limits);
  }

  /** The classes that several of the expected pods will ask for. */
  #buildExpected(tie: Tie): void {
    const { cluster } = this;
    const pods = this.#expected;
    this.#expected = NONE;
    const requestOf = (pod: Pod): PodRequest => cluster.request(pod, podKey(pod));
    const wanted = wantedAhead(pods, this.#limits.buildFrom, this.#classes.spare(cluster.rows), (pod) => {
      if (this.#leftToScan(pod)) return undefined;
      const key = this.#keyOf(requestOf(pod));
      return this.#classes.has(key) ? undefined : key;
    });
    if (wanted.size === 0) return;
    this.#scan.ranksOf(tie.seed).sync();
    this.#facts.sync();
    const made = new Map([...wanted].map(([key, pod]) => [this.#makeClass(requestOf(pod), tie), key]));
    for (const one of buildAhead([...made.keys()], this.#judges)) {
      this.#classes.add(made.get(one) as string, one, cluster.rows, true);
    }
  }

  #keyOf({ template, pod }: PodRequest): string {
    const outside = this.#outside;
    if (outside.length === 0) return template.text;
    let own = `${outside[0].classKey?.(pod)}`;
    for (let i = 1; i < outside.length; i++) own += `\n${outside[i].classKey?.(pod)}`;
    return this.#keys.of(template, own);
  }
}
