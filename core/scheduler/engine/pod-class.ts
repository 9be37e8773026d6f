/**
 * Pods with equal scheduling-relevant spec, and what the engine keeps for them: per node the local score and the group, per
 * group a bucket queue. A decision replays the changes since the last one and then looks at groups, never at all nodes.
 */
import { assert } from '../../assert.ts';
import { NODE_REMOVED, POD_ADDED } from '../../cluster/change-log.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { View } from '../framework.ts';
import type { AmountsFilter } from '../scan/amounts-filter.ts';
import type { ActiveFilter } from '../scan/pre-filter.ts';
import type { RowOrder } from '../scan/ranks.ts';
import type { ScanProfile } from '../scan/scan-profile.ts';
import { termsOfMake } from '../terms/affinity-terms.ts';
import { AffinityPart } from './affinity-part.ts';
import { MAX_SCORE } from './best-rows.ts';
import { MAX_GROUPS, NOWHERE } from './bucket-queue.ts';
import { type ClassRules, classRules, listerStamp, scoreStamp } from './class-rules.ts';
import { Groups } from './groups.ts';
import type { JudgedRows } from './judge-rows.ts';
import type { EngineLimits } from './limits.ts';
import { LocalRules } from './local-rules.ts';
import { openParts } from './open-parts.ts';
import { type OpenScores, openScoresOf } from './open-scores.ts';
import type { Part, Unfactored } from './part.ts';
import type { RowFacts } from './row-facts.ts';
import type { RowJudges, Unjudged } from './row-judges.ts';

const TOO_MANY_GROUPS = 'there are too many groups';
const NO_BUCKET = 'a score is no whole number, or too high';

export class PodClass {
  readonly #pod: PodRequest;
  readonly #view: View;
  readonly #profile: ScanProfile;
  readonly #order: RowOrder;
  readonly #facts: RowFacts;
  readonly #judges: RowJudges | undefined;
  readonly #limits: EngineLimits;
  /** Asked in every decision (open-scores.ts). */
  readonly openScores: OpenScores;
  #local: LocalRules | undefined;
  /** Between begin and complete. */
  #begun: LocalRules | undefined;
  #amounts: AmountsFilter | undefined;
  #parts: readonly Part[] = [];
  /** Those of the parts that have a say. */
  #active: readonly Part[] = [];
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
  #rows = new Int32Array(16);

  /**
   * @param rows what is known of each row, and @param order their order: both in step when the class catches up.
   * @param judges look at all rows for it; without them it does that by itself.
   */
  constructor(
    pod: PodRequest,
    profile: ScanProfile,
    view: View,
    rows: RowFacts,
    judges: RowJudges | undefined,
    order: RowOrder,
    limits: EngineLimits,
  ) {
    this.#facts = rows;
    this.#judges = judges;
    this.#limits = { ...limits, maxGroups: Math.min(limits.maxGroups, MAX_GROUPS - 1) };
    this.#pod = pod;
    this.#profile = profile;
    this.openScores = openScoresOf(profile);
    this.#view = view;
    this.#order = order;
    this.groups = new Groups(0, order);
  }

  /** A class of the same pods that knows nothing yet, and asks nobody. */
  sibling(): PodClass {
    return new PodClass(this.#pod, this.#profile, this.#view, this.#facts, undefined, this.#order, this.#limits);
  }

  /** Brings the class up to the present; or says why it cannot be factored. */
  catchUp(): Unfactored | undefined {
    const { cluster } = this.#view;
    if (!this.#local || this.#objectsChanged()) return this.#build();
    if (cluster.shape !== this.#shape && !this.#renew()) return this.#build();
    if (!this.#followCarried()) return this.#build();
    return this.#replay() ?? this.#broken();
  }

  /** Whether it keeps anything that hangs on more than one node. */
  get hasShared(): boolean {
    return this.#active.length > 0;
  }

  /** Applies cross-node filters and shared scores to the groups; returns how many nodes are in those that pass. */
  judge(): number {
    const { list } = this.groups;
    const parts = this.#active;
    for (let i = 0; i < parts.length; i++) parts[i].prepare?.();
    let feasible = 0;
    for (let g = 0; g < list.length; g++) {
      const group = list[g];
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
    return feasible;
  }

  /** Whether guests on a row matter to the filters of that row alone. */
  canHost(guests: readonly PodRequest[]): boolean {
    if (this.#active.some((part) => part.filters)) return false;
    return guests.every((guest) => !termsOfMake(guest).hasAny);
  }

  /** The row's own filters, with guests on it. */
  fitsBeside(n: number, guests: readonly PodRequest[]): boolean {
    if (!this.groups.of(n)) return true; // It is refused already.
    const short = this.#amounts?.alone ? this.#amounts.shortWith(guests, n) : undefined;
    if (short !== undefined) return short === 0;
    const overlay = this.#view.cluster.overlay(n);
    for (const guest of guests) overlay.addGuest(guest);
    const fits = this.#local?.fits(n) ?? true;
    overlay.close();
    return fits;
  }

  /** The row takes no part until putBack. */
  setAside(n: number): void {
    this.groups.take(n);
    this.#aside.push(n);
  }

  putBack(): void {
    if (this.#aside.length === 0) return;
    this.#settle(Int32Array.from(this.#aside), this.#aside.length);
    this.#aside.length = 0;
  }

  /** The chosen row is reserved by the plugins that want to know. `onReserve` is given what undoes it. */
  reserve(pod: PodRequest, n: number, onReserve: (undo: () => void) => void): void {
    if (this.#reserving.length === 0) return;
    for (const { plugin, facts } of this.#reserving) {
      const undo = plugin.reserve?.(facts, pod, this.#view, n);
      if (undo) onReserve(undo);
    }
  }

  // --- making it ---------------------------------------------------------------------------------------------------

  #build(): Unfactored | undefined {
    const unfactored = this.begin();
    if (unfactored) return unfactored;
    const unjudged = this.#judges && this.unjudged();
    return this.complete(unjudged && this.#judges?.judge([unjudged])[0]);
  }

  /** The first half of building it: everything that no row is looked at for. Or says why it cannot be factored. */
  begin(): Unfactored | undefined {
    const { cluster } = this.#view;
    this.#local = undefined;
    this.#begun = undefined;
    let rules: ClassRules | Unfactored;
    let parts: Part[] | Unfactored = [];
    do {
      // Asking for columns may move them, and then facts made before would look at where they were.
      this.#shape = cluster.shape;
      rules = classRules(this.#pod, this.#profile, this.#view);
      if ('unfactored' in rules) return rules;
      parts = openParts(this.#profile, this.#pod, this.#view, this.#limits);
      if ('unfactored' in parts) return parts;
    } while (cluster.shape !== this.#shape);
    this.#take(rules);
    this.#parts = parts;
    this.#active = parts.filter(({ idle }) => !idle);
    this.#offsets = [];
    let width = 0;
    for (const part of this.#active) {
      this.#offsets.push(width);
      width += part.width;
    }
    this.#path = new Array<number>(width).fill(0);
    this.#listers = listerStamp(this.#pod, this.#view);
    this.#stampedScores = scoreStamp(this.#pod, this.#profile, this.#view);
    this.#position = cluster.log.position;
    this.#begun = new LocalRules(rules.filters, rules.scores, this.#pod, this.#view, this.#facts);
    return undefined;
  }

  /** Whether columns have moved since begin. */
  get isOutdated(): boolean {
    return this.#shape !== this.#view.cluster.shape;
  }

  /** What it takes to judge its rows, begun as it is; undefined where the class does that by itself. */
  unjudged(): Unjudged | undefined {
    const { outside } = this.#profile;
    const rules = this.#begun?.rowRules((plugin) => !outside.has(plugin));
    return rules && { rules, pod: this.#pod, profile: this.#profile };
  }

  /**
   * The second half, before anything else happens. @param judged what is known of every row, for the class to keep; by
   * default it finds out.
   */
  complete(judged?: JudgedRows): Unfactored | undefined {
    const { cluster } = this.#view;
    const local = this.#begun;
    assert(local, 'a class is begun before it is completed');
    this.#begun = undefined;
    this.#local = local;
    if (judged) local.adopt(judged.known);
    else local.askAll();
    const { rows } = this.#facts;
    const isSingle = this.#active.length === 0;
    this.groups = new Groups(judged && isSingle ? 0 : cluster.rows, this.#order);
    if (judged && isSingle) {
      this.groups.adoptSingle(judged.cells);
      return undefined;
    }
    const scores = judged ? this.#scoresIn(judged.cells) : this.#judged(rows, rows.length);
    if (!scores) return this.#giveUp(NO_BUCKET);
    if (isSingle) {
      this.groups.fillSingle(rows, rows.length, scores);
      return undefined;
    }
    this.#enter(rows, rows.length);
    return this.#put(rows, rows.length, scores) ?? this.#broken();
  }

  /** By the order of all rows with a node. */
  #scoresIn(cells: Int32Array): Float64Array {
    const { rows } = this.#facts;
    const scores = this.#facts.scratch(rows.length);
    for (let k = 0; k < rows.length; k++) scores[k] = cells[rows[k]];
    return scores;
  }

  #objectsChanged(): boolean {
    const { changes } = this.#view.listers;
    if (changes === this.#listerChanges) return false;
    this.#listerChanges = changes;
    return listerStamp(this.#pod, this.#view) !== this.#listers;
  }

  #giveUp(unfactored: string): Unfactored {
    this.#local = undefined;
    return { unfactored };
  }

  #broken(): Unfactored | undefined {
    const active = this.#active;
    for (let i = 0; i < active.length; i++) {
      const { broken } = active[i];
      if (broken) return this.#giveUp(broken);
    }
    return undefined;
  }

  /** Facts derived from columns that may have moved. False when the class must be built anew. */
  #renew(): boolean {
    const { cluster } = this.#view;
    this.#shape = cluster.shape;
    const rules = classRules(this.#pod, this.#profile, this.#view);
    if ('unfactored' in rules) return false;
    if (scoreStamp(this.#pod, this.#profile, this.#view) !== this.#stampedScores) return false;
    for (const part of this.#parts) if (!part.renew()) return false;
    this.#take(rules);
    (this.#local as LocalRules).renew(rules.filters, rules.scores);
    this.groups.grow(cluster.rows);
    for (const part of this.#parts) part.grow(cluster.rows);
    return cluster.shape === this.#shape || this.#renew();
  }

  #take({ amounts, reserving }: ClassRules): void {
    this.#amounts = amounts;
    this.#reserving = reserving;
  }

  #followCarried(): boolean {
    for (let i = 0; i < this.#parts.length; i++) {
      const part = this.#parts[i];
      if (part instanceof AffinityPart && !part.followCarried()) return false;
    }
    return true;
  }

  // --- keeping it --------------------------------------------------------------------------------------------------

  #replay(): Unfactored | undefined {
    const { cluster } = this.#view;
    if (this.#position === cluster.log.position) return undefined;
    if (!cluster.log.reaches(this.#position)) return this.#build();
    const count = this.#changedRows();
    this.#position = cluster.log.position;
    const rows = this.#rows;
    if (this.#active.length > 0) {
      this.#enter(rows, count);
      return this.#settle(rows, count);
    }
    const scores = this.#judged(rows, count);
    if (!scores) return this.#giveUp(NO_BUCKET);
    this.groups.putSingle(rows, count, scores);
    return undefined;
  }

  /**
   * Writes the rows to judge anew to #rows, perhaps twice: those that changed and hold a node. Rows without a node are taken
   * out. Of rows that got several pods the last counts; refused ones need no second look where more pods cannot help.
   */
  #changedRows(): number {
    const { log, columns } = this.#view.cluster;
    const { exists, changedAt } = columns;
    const local = this.#local as LocalRules;
    const { cells } = this.groups;
    const stays = this.#active.length === 0 && local.podsOnlyTighten;
    const end = log.position;
    if (this.#rows.length < end - this.#position) this.#rows = new Int32Array(2 * (end - this.#position));
    const rows = this.#rows;
    let count = 0;
    for (let p = this.#position; p < end; p++) {
      const row = log.rowAt(p);
      const what = log.whatAt(p);
      if (what <= NODE_REMOVED) {
        local.forget(row);
        // Should another node sit there by now, it has another rank, even where its score is the same.
        if (what === NODE_REMOVED) this.#leave(row);
      }
      if (exists[row] === 0) continue;
      if (what === POD_ADDED && (changedAt[row] !== p || (stays && cells[row] === NOWHERE))) continue;
      rows[count++] = row;
    }
    return count;
  }

  #leave(row: number): void {
    this.groups.take(row);
    for (const part of this.#active) part.leave(row);
  }

  #enter(rows: Int32Array, count: number): void {
    const active = this.#active;
    for (let i = 0; i < active.length; i++) for (let k = 0; k < count; k++) active[i].enter(rows[k]);
  }

  /** Puts rows that the parts know where they belong; or says why they cannot be. */
  #settle(rows: Int32Array, count: number): Unfactored | undefined {
    const scores = this.#judged(rows, count);
    return scores ? this.#put(rows, count, scores) : this.#giveUp(NO_BUCKET);
  }

  #put(rows: Int32Array, count: number, scores: Float64Array): Unfactored | undefined {
    const path = this.#path;
    const active = this.#active;
    const { groups } = this;
    const { maxGroups } = this.#limits;
    for (let k = 0; k < count; k++) {
      if (scores[k] === NOWHERE) {
        groups.take(rows[k]);
        continue;
      }
      for (let i = 0; i < active.length; i++) active[i].write(rows[k], path, this.#offsets[i]);
      groups.put(rows[k], path, scores[k]);
      if (groups.list.length > maxGroups) return this.#giveUp(TOO_MANY_GROUPS);
    }
    return undefined;
  }

  /** Local scores by the order of rows, NOWHERE for those refused; undefined when one of them has no bucket. */
  #judged(rows: Int32Array, count: number): Float64Array | undefined {
    const scores = this.#facts.scratch(count);
    (this.#local as LocalRules).judgeRows(rows, count, scores);
    for (let k = 0; k < count; k++) if (!(scores[k] <= MAX_SCORE)) return undefined;
    return scores;
  }
}
