/**
 * The scan: filters and scores over the packed columns, every node, for each pod. Events write the cluster; begin() takes
 * a snapshot and hands out one cycle at a time.
 */
import { assert } from '../../assert.ts';
import { Cluster } from '../../cluster/cluster.ts';
import { loadCluster, saveCluster } from '../../cluster/snapshot/cluster-state.ts';
import type { KubeObject, Node, Pod } from '../../objects/types.ts';
import {
  type Choice,
  type Decider,
  type DeciderOptions,
  podKey,
  type Savable,
  type SavedDecider,
  type Tie,
} from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import { Reservations, type Undo } from '../reservations.ts';
import { chooseAtOnce } from './choose.ts';
import { ScanCycle } from './cycle.ts';
import { ScanPool } from './parallel/pool.ts';
import { SplitScan } from './parallel/split.ts';
import type { WorkerReplaced } from './parallel/worker-replaced.ts';
import { Ranks } from './ranks.ts';
import type { RefusalMemory } from './remembered.ts';
import { Room } from './room/room.ts';
import { makeProfile, type ScanProfile } from './scan-profile.ts';
import { Scratch } from './scratch.ts';

export interface ScanOptions extends DeciderOptions {
  /** Plugins besides the built-in ones, by the names that profiles give them. */
  plugins?: readonly AnyPackedPlugin[];
  /** A cluster to write; a fresh one by default. */
  cluster?: Cluster;
  /** Threads that filter and score, this one included; 1 by default. The answer does not depend on it. */
  threads?: number;
  /** Threads to share with other deciders, instead of own ones. */
  pool?: ScanPool;
  /** The work from which threads are asked (PARALLEL_FROM in split.ts). */
  threadsFrom?: number;
  onEvent?: (event: WorkerReplaced) => void;
}

export class ScanDecider implements Decider, Savable {
  readonly kind = 'scan';
  readonly cluster: Cluster;
  readonly #options: ScanOptions;
  readonly #profiles = new Map<string, ScanProfile>();
  /** Pods of one scheduler come in a row. */
  #lastName = '';
  #lastProfile: ScanProfile | undefined;
  readonly #reserving: AnyPackedPlugin[];
  /** Kept while the pod is placed. */
  readonly #reserved = new Reservations();
  readonly #ownPool: ScanPool | undefined;
  readonly #threads: SplitScan | undefined;
  readonly #scratch: Scratch;
  #room: Room | undefined;
  #ranks: Ranks | undefined;

  constructor(options: ScanOptions) {
    this.#options = options;
    this.cluster = options.cluster ?? new Cluster();
    const { threads = 1, threadsFrom, onEvent } = options;
    if (!options.pool && threads > 1) this.#ownPool = new ScanPool({ threads, onEvent });
    const pool = options.pool ?? this.#ownPool;
    this.#threads = pool && new SplitScan(pool, threadsFrom);
    this.#scratch = new Scratch({ shared: pool !== undefined });
    const extra = new Map((options.plugins ?? []).map((plugin) => [plugin.name, plugin]));
    for (const profile of options.profiles) this.#profiles.set(profile.schedulerName, makeProfile(profile, extra));
    const all = [...this.#profiles.values()].flatMap(({ filters }) => filters);
    this.#reserving = [...new Set(all)].filter(({ unreserve }) => unreserve);
  }

  addNode(node: Node): void {
    this.cluster.addNode(node);
  }

  updateNode(node: Node): void {
    this.cluster.addNode(node);
  }

  removeNode(name: string): void {
    this.cluster.removeNode(name);
  }

  addPod(pod: Pod): void {
    this.cluster.addPod(pod, podKey(pod));
  }

  assume(pod: Pod, nodeName: string): void {
    this.cluster.assume(pod, podKey(pod), nodeName);
  }

  updatePod(pod: Pod): void {
    this.cluster.addPod(pod, podKey(pod));
  }

  removePod(pod: Pod): void {
    const placed = this.cluster.pod(podKey(pod));
    this.#reserved.delete(podKey(pod));
    if (!placed) return;
    const { request, row } = placed;
    this.cluster.removePod(request.key);
    const view = { cluster: this.cluster, listers: this.#options.listers };
    for (const plugin of this.#reserving) plugin.unreserve?.(request, view, row);
  }

  unreserve(pod: Pod): void {
    this.#reserved.takeBack(podKey(pod));
  }

  /** Keeps what undoes a fact reserved for the pod. */
  onReserve(key: string, undo: Undo): void {
    this.#reserved.add(key, undo);
  }

  /** The profile that the pod asks for, with its plugins. */
  profileOf(pod: Pod): ScanProfile {
    const name = pod.spec.schedulerName || 'default-scheduler';
    if (name === this.#lastName) return this.#lastProfile as ScanProfile;
    const profile = this.#profiles.get(name);
    assert(profile, () => `no profile for pod ${podKey(pod)}`);
    this.#lastName = name;
    return (this.#lastProfile = profile);
  }

  /** Listers are read afresh in every cycle: nothing of them is kept here. */
  objectChanged(_object: KubeObject): void {}

  placedPod(key: string): Pod | undefined {
    return this.cluster.pod(key)?.request.pod;
  }

  save(): SavedDecider {
    return { ...saveCluster(this.cluster), reserved: this.#reserved.save() };
  }

  load(saved: SavedDecider): void {
    loadCluster(saved, this.cluster);
    this.#reserved.restore(saved.reserved, this.#options.listers);
  }

  choose(pod: Pod, tie: Tie): Choice | undefined {
    const { listers, nominated } = this.#options;
    const profile = this.profileOf(pod);
    this.cluster.snapshot();
    const request = this.cluster.request(pod, podKey(pod));
    this.#reserved.delete(request.key);
    const view = { cluster: this.cluster, listers };
    const ranks = this.ranksOf(tie.seed);
    this.#room ??= new Room(this.cluster, ranks, { threads: this.#threads });
    const parts = { view, profile, nominated, room: this.#room, ranks, scratch: this.#scratch, threads: this.#threads };
    return chooseAtOnce(request, tie, parts, (undo) => this.onReserve(request.key, undo));
  }

  /** The threads, where there are some. */
  get pool(): ScanPool | undefined {
    return this.#options.pool ?? this.#ownPool;
  }

  /** One seed serves a scheduler's whole life. */
  ranksOf(seed: number): Ranks {
    this.#ranks ??= new Ranks(this.cluster, seed);
    return this.#ranks;
  }

  /**
   * The cycle is valid until the next event or the next begin.
   * @param memory knows why pods of some makes fit nowhere.
   */
  begin(pod: Pod, memory?: RefusalMemory): ScanCycle {
    const { listers, nominated } = this.#options;
    const profile = this.profileOf(pod);
    this.cluster.snapshot();
    const request = this.cluster.request(pod, podKey(pod));
    this.#reserved.delete(request.key);
    const onReserve = (undo: Undo): void => this.onReserve(request.key, undo);
    const view = { cluster: this.cluster, listers };
    return new ScanCycle(view, profile, request, nominated, this.#scratch, onReserve, this.#threads, memory);
  }

  /** Ends the threads it has started. It decides on, on this one. */
  async close(): Promise<void> {
    await this.#ownPool?.close();
  }
}
