/**
 * Pods with equal scheduling-relevant spec, and what the engine keeps for them: per node the local score and the group, per
 * group a bucket queue. A decision replays the changes since the last one and then looks at groups, never at all nodes.
 */
import { NODE_REMOVED } from '../../cluster/change-log.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { View } from '../framework.ts';
import { type AmountsFilter, amountsFilterOf } from '../scan/amounts-filter.ts';
import { type ActiveFilter, runPreFilter } from '../scan/pre-filter.ts';
import type { ScanProfile } from '../scan/scan-profile.ts';
import { termsOfMake } from '../terms/affinity-terms.ts';
import { AffinityPart } from './affinity-part.ts';
import type { RowOrder } from './bucket-queue.ts';
import { type Group, Groups } from './groups.ts';
import type { EngineLimits } from './limits.ts';
import { LocalRules, localScores } from './local-rules.ts';
import { localFilters, openParts } from './open-parts.ts';
import { type OpenScores, openScoresOf } from './open-scores.ts';
import type { Part, Unfactored } from './part.ts';

/** Namespaces and default spreading look at these. */
const SELECTING_KINDS = ['Namespace', 'Service', 'ReplicaSet', 'StatefulSet', 'ReplicationController'];
const STORAGE_KINDS = [
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment',
];

/** What a class is made of, for one shape of the cluster. */
interface Rules {
  local: LocalRules;
  parts: readonly Part[];
}

/** The groups that may take the pod, with their shared scores. */
export interface Judged {
  groups: readonly Group[];
  /** Nodes in the groups that pass. */
  feasible: number;
}

export class PodClass {
  readonly #pod: PodRequest;
  readonly #view: View;
  readonly #profile: ScanProfile;
  readonly #order: RowOrder;
  readonly #limits: EngineLimits;
  /** Asked in every decision (open-scores.ts). */
  readonly openScores: OpenScores;
  #local: LocalRules | undefined;
  #amounts: AmountsFilter | undefined;
  #parts: readonly Part[] = [];
  #reserving: readonly ActiveFilter[] = [];
  readonly #aside: number[] = [];
  /** Where each part's numbers begin in a path. */
  #offsets: number[] = [];
  #path: number[] = [];
  groups: Groups;
  /** Position in the change log up to which everything is known. */
  #position = 0;
  #shape = -1;
  #listers = -1;
  #listerChanges = -1;
  #stampedScores = '';
  #changed: number[] = [];
  #stamps = new Int32Array(0);
  #stamp = 0;

  constructor(pod: PodRequest, profile: ScanProfile, view: View, order: RowOrder, limits: EngineLimits) {
    this.#limits = limits;
    this.#pod = pod;
    this.#profile = profile;
    this.openScores = openScoresOf(profile);
    this.#view = view;
    this.#order = order;
    this.groups = new Groups(0, order);
  }

  /** A class of the same pods that knows nothing yet. */
  sibling(): PodClass {
    return new PodClass(this.#pod, this.#profile, this.#view, this.#order, this.#limits);
  }

  /** Brings the class up to the present; or says why it cannot be factored. */
  catchUp(): Unfactored | undefined {
    const { cluster } = this.#view;
    if (!this.#local || this.#objectsChanged()) return this.#build();
    if (cluster.shape !== this.#shape && !this.#renew()) return this.#build();
    if (!this.#followCarried()) return this.#build();
    return this.#replay() ?? this.#broken();
  }

  /** Applies cross-node filters and shared scores to the groups. */
  judge(): Judged {
    const { list } = this.groups;
    const parts = this.#parts;
    for (const part of parts) part.prepare?.();
    let feasible = 0;
    for (const group of list) {
      group.shared = 0;
      group.passes = true;
      for (let i = 0; i < parts.length && group.passes; i++) {
        group.passes = parts[i].fits?.(group.path, this.#offsets[i]) ?? true;
      }
      if (group.passes) feasible += group.queue.size;
    }
    // One group: whatever its shared score, it is the same for all.
    if (feasible > 0 && list.length > 1) {
      for (let i = 0; i < parts.length; i++) parts[i].score?.(list, this.#offsets[i], feasible);
    }
    return { groups: list, feasible };
  }

  /** Whether guests on a row matter to the filters of that row alone. */
  canHost(guests: readonly PodRequest[]): boolean {
    if (this.#parts.some((part) => part.filters)) return false;
    return guests.every((guest) => !termsOfMake(guest).hasAny);
  }

  /** The row's own filters, with guests on it. */
  fitsBeside(n: number, guests: readonly PodRequest[]): boolean {
    if (!this.groups.of(n)) return true; // It is refused already.
    const short = this.#amounts?.alone ? this.#amounts.shortWith(guests, n) : undefined;
    if (short !== undefined) return short === 0;
    const overlay = this.#view.cluster.overlay(n);
    for (const guest of guests) overlay.addGuest(guest);
    const fits = this.#local?.judge(n) !== -1;
    overlay.close();
    return fits;
  }

  /** The row takes no part until putBack. */
  setAside(n: number): void {
    this.groups.take(n);
    this.#aside.push(n);
  }

  putBack(): void {
    for (const n of this.#aside) this.#place(n);
    this.#aside.length = 0;
  }

  /** The chosen row is reserved by the plugins that want to know. `onReserve` is given what undoes it. */
  reserve(pod: PodRequest, n: number, onReserve: (undo: () => void) => void): void {
    for (const { plugin, facts } of this.#reserving) {
      const undo = plugin.reserve?.(facts, pod, this.#view, n);
      if (undo) onReserve(undo);
    }
  }

  // --- making it ---------------------------------------------------------------------------------------------------

  #rules(): Rules | Unfactored {
    const { outcome, active } = runPreFilter(this.#profile.filters, this.#pod, this.#view);
    if (outcome.error) return { unfactored: 'a PreFilter fails' };
    if (outcome.rejection) return { unfactored: 'a PreFilter refuses the pod' };
    if (outcome.nodeNames) return { unfactored: 'PreFilter names the nodes' };
    this.#amounts = amountsFilterOf(active, this.#view.cluster);
    const filters = localFilters(active);
    if ('unfactored' in filters) return filters;
    const scores = localScores(this.#profile.scores, this.#pod, this.#view);
    if ('unfactored' in scores) return scores;
    const parts = openParts(this.#profile, this.#pod, this.#view, this.#limits);
    if ('unfactored' in parts) return parts;
    this.#reserving = active.filter(({ plugin }) => plugin.reserve);
    return { local: new LocalRules(filters, scores, this.#pod, this.#view), parts };
  }

  #build(): Unfactored | undefined {
    const { cluster } = this.#view;
    this.#local = undefined;
    let rules: Rules | Unfactored;
    do {
      // Asking for columns may move them, and then facts made before would look at where they were.
      this.#shape = cluster.shape;
      rules = this.#rules();
    } while (cluster.shape !== this.#shape);
    if ('unfactored' in rules) return rules;
    this.#parts = rules.parts;
    this.#offsets = [];
    let width = 0;
    for (const part of rules.parts) {
      this.#offsets.push(width);
      width += part.width;
    }
    this.#path = new Array<number>(width).fill(0);
    this.#listers = this.#listerStamp();
    this.#stampedScores = this.#scoreStamp();
    this.#position = cluster.log.position;
    this.groups = new Groups(cluster.rows, this.#order);
    this.#stamps = new Int32Array(cluster.rows);
    for (const [n] of cluster.nodes()) for (const part of rules.parts) part.enter(n);
    this.#local = rules.local;
    for (const [n] of cluster.nodes()) if (!this.#place(n)) return this.#giveUp('a score is no whole number');
    return this.#broken();
  }

  #objectsChanged(): boolean {
    const { changes } = this.#view.listers;
    if (changes === this.#listerChanges) return false;
    this.#listerChanges = changes;
    return this.#listerStamp() !== this.#listers;
  }

  /** Grows with every change of an object that the class may depend on. */
  #listerStamp(): number {
    const { listers } = this.#view;
    let stamp = 0;
    for (const kind of SELECTING_KINDS) stamp += listers.version(kind);
    if (this.#pod.hasVolumes) for (const kind of STORAGE_KINDS) stamp += listers.version(kind);
    return stamp;
  }

  #scoreStamp(): string {
    return this.#profile.scores.map(({ plugin }) => plugin.scoreStamp?.(this.#pod, this.#view) ?? '').join();
  }

  #giveUp(unfactored: string): Unfactored {
    this.#local = undefined;
    return { unfactored };
  }

  #broken(): Unfactored | undefined {
    if (this.groups.list.length > this.#limits.maxGroups) return this.#giveUp('there are too many groups');
    for (const part of this.#parts) if (part.broken) return this.#giveUp(part.broken);
    return undefined;
  }

  /** Facts derived from columns that may have moved. False when the class must be built anew. */
  #renew(): boolean {
    const { cluster } = this.#view;
    this.#shape = cluster.shape;
    const { outcome, active } = runPreFilter(this.#profile.filters, this.#pod, this.#view);
    if (outcome.error || outcome.rejection || outcome.nodeNames) return false;
    this.#amounts = amountsFilterOf(active, cluster);
    const filters = localFilters(active);
    const scores = localScores(this.#profile.scores, this.#pod, this.#view);
    if ('unfactored' in filters || 'unfactored' in scores) return false;
    if (this.#scoreStamp() !== this.#stampedScores) return false;
    for (const part of this.#parts) if (!part.renew()) return false;
    this.#reserving = active.filter(({ plugin }) => plugin.reserve);
    this.#local = new LocalRules(filters, scores, this.#pod, this.#view);
    this.groups.grow(cluster.rows);
    for (const part of this.#parts) part.grow(cluster.rows);
    return cluster.shape === this.#shape || this.#renew();
  }

  #followCarried(): boolean {
    for (const part of this.#parts) if (part instanceof AffinityPart && !part.followCarried()) return false;
    return true;
  }

  // --- keeping it --------------------------------------------------------------------------------------------------

  #replay(): Unfactored | undefined {
    const { cluster } = this.#view;
    if (this.#position === cluster.log.position) return undefined;
    const changed = this.#changed;
    changed.length = 0;
    if (this.#stamps.length < cluster.rows) this.#stamps = new Int32Array(cluster.rows * 2);
    const stamp = ++this.#stamp;
    const complete = cluster.log.since(this.#position, (row, what) => {
      // Should another node sit there by now, it has another rank, even where its score is the same.
      if (what === NODE_REMOVED) this.groups.take(row);
      if (this.#stamps[row] === stamp) return;
      this.#stamps[row] = stamp;
      changed.push(row);
    });
    if (!complete) return this.#build();
    this.#position = cluster.log.position;
    const { exists } = cluster.columns;
    for (const row of changed) {
      for (const part of this.#parts) {
        if (exists[row] !== 0) part.enter(row);
        else part.leave(row);
      }
    }
    for (const row of changed) {
      if (exists[row] === 0) this.groups.take(row);
      else if (!this.#place(row)) return this.#giveUp('a score is no whole number');
    }
    return undefined;
  }

  /** Puts the row where it belongs; false when its score cannot be bucketed. */
  #place(n: number): boolean {
    const local = (this.#local as LocalRules).judge(n);
    if (local === -1) {
      this.groups.take(n);
      return true;
    }
    if (Number.isNaN(local)) return false;
    const path = this.#path;
    for (let i = 0; i < this.#parts.length; i++) this.#parts[i].write(n, path, this.#offsets[i]);
    this.groups.put(n, path, local);
    return true;
  }
}
