/**
 * One pod against the packed columns: PreFilter once, then the filter kernels over all rows at once, and the score
 * kernels over those that fit. Rows with nominated pods are asked twice (semantics 5.5).
 */
import type { Overlay } from '../../cluster/overlay.ts';
import type { PlacedPod } from '../../cluster/placed-pod.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import type { Pod } from '../../objects/types.ts';
import {
  type Cycle,
  type CycleError,
  type DryRun,
  type EvictionSums,
  type NominatedPods,
  type Prospects,
  podKey,
  type Refusals,
  type Rejection,
  type Scores,
  type View,
} from '../framework.ts';
import { type AmountsFilter, amountsFilterOf } from './amounts-filter.ts';
import { Crowd, guestsAmong, NOBODY } from './crowd.ts';
import type { Pass, SplitScan } from './parallel/split.ts';
import { type ActiveFilter, runPreFilter } from './pre-filter.ts';
import { groupRefusals } from './refusals.ts';
import { isMemorable, type RefusalMemory, type Remembered, type RowFilters } from './remembered.ts';
import type { ScanProfile } from './scan-profile.ts';
import { type ScoreRun, scoreRows } from './score-run.ts';
import type { Scratch } from './scratch.ts';

export class ScanCycle implements Cycle {
  readonly pod: Pod;
  readonly order: Int32Array;
  readonly preFilter: Cycle['preFilter'];
  readonly #view: View;
  readonly #profile: ScanProfile;
  readonly #request: PodRequest;
  readonly #nominated: NominatedPods;
  readonly #scratch: Scratch;
  readonly #onReserve: (undo: () => void) => void;
  readonly #threads: SplitScan | undefined;
  readonly #active: readonly ActiveFilter[];
  readonly #amounts: AmountsFilter | undefined;
  readonly #memory: RefusalMemory | undefined;
  #remembered: Remembered | undefined;
  #rejectedBy: Uint8Array | undefined;
  /** Nominated pods that this one may not push aside; undefined while nobody is nominated. */
  #crowd: Crowd | undefined;

  /**
   * @param onReserve is given what undoes each fact that a plugin reserved.
   * @param threads share passes over many rows; none by default.
   * @param memory knows why pods of some makes fit nowhere.
   */
  constructor(
    view: View,
    profile: ScanProfile,
    request: PodRequest,
    nominated: NominatedPods,
    scratch: Scratch,
    onReserve: (undo: () => void) => void,
    threads?: SplitScan,
    memory?: RefusalMemory,
  ) {
    this.pod = request.pod;
    this.#view = view;
    this.#profile = profile;
    this.#request = request;
    this.#nominated = nominated;
    this.#scratch = scratch;
    this.#onReserve = onReserve;
    this.#threads = threads;
    this.#memory = memory;
    this.order = view.cluster.order();
    const { outcome, active } = runPreFilter(profile.filters, request, view);
    this.preFilter = outcome;
    this.#active = active;
    this.#amounts = amountsFilterOf(active, view.cluster);
  }

  nodeName(n: number): string {
    return this.#view.cluster.nodeAt(n)?.metadata.name ?? '';
  }

  nodeIndex(name: string): number {
    return this.#view.cluster.rowOf(name);
  }

  fits(n: number): boolean {
    // The nominated node is asked before all others, and mostly it is the one: then nobody needs the sweep.
    if (!this.#rejectedBy && n === this.nodeIndex(this.pod.status?.nominatedNodeName ?? '')) return this.#fitsAlone(n);
    return (this.#rejectedBy ??= this.#sweep())[n] === 0;
  }

  nothingFits(): boolean {
    const filters = this.#memory && !this.#remembered ? this.#rowFilters() : undefined;
    if (filters) this.#remembered = this.#memory?.find(filters);
    return this.#remembered?.nothingFits === true;
  }

  prospects(now: number): Prospects | undefined {
    return this.#remembered?.prospects(now);
  }

  refusals(nodes: ArrayLike<number>): Refusals {
    if (!this.#remembered && nodes === this.order) {
      const filters = this.#memory && this.#rowFilters();
      this.#remembered = filters && this.#memory?.failed(filters);
    }
    if (this.#remembered && nodes === this.order) return this.#remembered.refusals();
    const rejectedBy = (this.#rejectedBy ??= this.#sweep());
    const inWords = (n: number): Rejection | null => this.rejection(n);
    const refused = { rejectedBy, crowd: this.#crowd, active: this.#active, amounts: this.#amounts, inWords };
    return groupRefusals(nodes, refused, this.#request, this.#view, this.#scratch);
  }

  rejection(n: number): Rejection | null {
    this.#rejectedBy ??= this.#sweep();
    return this.#crowd?.rejectionOn(n) ?? this.#inWords(this.#rejectedBy[n], n);
  }

  verdicts(n: number): { plugin: string; rejection: Rejection | null }[] {
    const { cluster } = this.#view;
    const verdict = this.#scratch.oneRow(cluster.rows);
    return this.#active
      .filter(({ plugin }) => plugin.filter)
      .map(({ plugin, facts, self }) => {
        verdict[n] = 0;
        plugin.filter?.(facts, this.#request, this.#view, n, n + 1, verdict, self);
        return { plugin: plugin.name, rejection: this.#inWords(verdict[n], n) };
      });
  }

  // --- filters ---------------------------------------------------------------------------------------------------

  /** All filters over all rows, or over those that PreFilter left and the pod's nominated node, which is asked anyway. */
  #sweep(): Uint8Array {
    const { cluster } = this.#view;
    const { nodeNames } = this.preFilter;
    const shared = nodeNames ? undefined : this.#threads?.filter(this.#active, this.#pass);
    const rejectedBy = shared ?? this.#scratch.rejectedBy(cluster.rows);
    if (!nodeNames && !shared) this.#filter(0, cluster.rows, rejectedBy);
    const nominated = this.pod.status?.nominatedNodeName;
    for (const name of nodeNames && nominated ? nodeNames.union(new Set([nominated])) : (nodeNames ?? [])) {
      const row = cluster.rowOf(name);
      if (row >= 0) this.#filter(row, row + 1, rejectedBy);
    }
    if (this.#nominated.size > 0) this.#askCrowdedRows(rejectedBy);
    return rejectedBy;
  }

  get #pass(): Pass {
    return { profile: this.#profile, request: this.#request, view: this.#view, scratch: this.#scratch };
  }

  #filter(from: number, to: number, rejectedBy: Uint8Array): void {
    for (const { plugin, facts, self } of this.#active) {
      plugin.filter?.(facts, this.#request, this.#view, from, to, rejectedBy, self);
    }
  }

  #inWords(refusedBy: number, n: number): Rejection | null {
    if (refusedBy === 0) return null;
    const refusing = this.#active.find(({ self }) => self === refusedBy);
    const { plugin, facts } = refusing as ActiveFilter;
    const words = plugin.explain?.(facts, this.#request, this.#view, n);
    return { plugin: plugin.name, ...(words ?? { code: 'Unschedulable', reasons: [`${plugin.name} refused`] }) };
  }

  #askCrowdedRows(rejectedBy: Uint8Array): void {
    const { cluster } = this.#view;
    const at = this.#scratch.ints('crowd', cluster.rows);
    this.#crowd = new Crowd(this.#nominated, this.#request, cluster, at, (guests, row) => {
      const rejection = this.#askCrowded(guests, row, rejectedBy[row]);
      if (rejection) rejectedBy[row] ||= 255;
      return rejection;
    });
  }

  /** @param refusedBy who refuses the row without guests. */
  #askCrowded(guests: readonly PodRequest[], row: number, refusedBy: number): Rejection | null {
    const amounts = this.#amounts;
    const short = amounts?.alone ? amounts.shortWith(guests, row) : undefined;
    if (amounts && short !== undefined) {
      // Filters before it refuse with guests as without.
      return short === 0 || (refusedBy !== 0 && refusedBy < amounts.self) ? null : amounts.inWords(short);
    }
    const overlay = this.#view.cluster.overlay(row);
    const rejection = this.#askWithGuests(overlay, guests, row);
    overlay.close();
    return rejection;
  }

  #fitsAlone(row: number): boolean {
    const refusedBy = this.#verdictOn(row);
    if (refusedBy !== 0) return false;
    const guests = this.#nominated.size > 0 ? this.#guestsOf(this.nodeName(row)) : NOBODY;
    return guests.length === 0 || this.#askCrowded(guests, row, 0) === null;
  }

  /** Pods nominated to the node that this one may not push aside. */
  #guestsOf(nodeName: string): readonly PodRequest[] {
    return guestsAmong(this.#nominated.onNode(nodeName), this.#request, this.#view.cluster);
  }

  /** Filters on one row with guests there; leaves the overlay as it was. */
  #askWithGuests(overlay: Overlay, guests: readonly PodRequest[], row: number): Rejection | null {
    const back = overlay.save();
    for (const guest of guests) {
      overlay.addGuest(guest);
      this.#shift(guest, row, 1);
    }
    const rejection = this.#askRow(row);
    for (const guest of guests) this.#shift(guest, row, -1);
    back();
    return rejection;
  }

  #askRow(row: number): Rejection | null {
    return this.#inWords(this.#verdictOn(row), row);
  }

  /** Who refuses the row as it stands. */
  #verdictOn(row: number): number {
    const verdict = this.#scratch.oneRow(this.#view.cluster.rows);
    verdict[row] = 0;
    this.#filter(row, row + 1, verdict);
    return verdict[row];
  }

  #shift(other: PodRequest, row: number, by: 1 | -1): void {
    for (const { plugin, facts } of this.#active) plugin.shift?.(facts, this.#request, this.#view, other, row, by);
  }

  /** Undefined where rows cannot be remembered as they are judged in this cycle. */
  #rowFilters(): RowFilters | undefined {
    const { rejection, error, nodeNames } = this.preFilter;
    if (!this.#amounts || rejection || error || nodeNames) return undefined;
    const filters: RowFilters = {
      cluster: this.#view.cluster,
      nominated: this.#nominated,
      request: this.#request,
      active: this.#active,
      amounts: this.#amounts,
      verdictOn: (n) => this.#verdictOn(n),
      inWords: (refusedBy, n) => this.#inWords(refusedBy, n),
    };
    return isMemorable(filters, this.#profile.outside) ? filters : undefined;
  }

  // --- scores ----------------------------------------------------------------------------------------------------

  /** The arrays are valid until the next call. */
  score(feasible: ArrayLike<number>): Scores | { error: CycleError } {
    const threads = this.#threads;
    const split = threads && ((runs: readonly ScoreRun[]) => threads.score(runs, feasible, this.#pass));
    return scoreRows(this.#profile.scores, this.#request, this.#view, feasible, this.#scratch, split);
  }

  // --- what-ifs and the choice -----------------------------------------------------------------------------------

  dryRun(n: number): DryRun {
    const guests = this.#guestsOf(this.nodeName(n));
    const overlay = this.#view.cluster.overlay(n);
    const away = new Map<Pod, PlacedPod>();
    const undo: [PodRequest, 1 | -1][] = [];
    const shift = (request: PodRequest, by: 1 | -1): void => {
      this.#shift(request, n, by);
      undo.push([request, by]);
    };
    return {
      get pods() {
        return overlay.pods.map(({ request }) => request.pod);
      },
      remove: (pod) => {
        const placed = overlay.pods.find(({ request }) => request.pod === pod);
        if (!placed) return;
        away.set(pod, placed);
        overlay.remove(placed);
        shift(placed.request, -1);
      },
      add: (pod) => {
        const placed = away.get(pod);
        const request = placed?.request ?? this.#view.cluster.request(pod, podKey(pod));
        if (placed) overlay.add(placed);
        else overlay.addGuest(request);
        away.delete(pod);
        shift(request, 1);
      },
      filter: () => {
        const crowded = guests.length > 0 ? this.#askWithGuests(overlay, guests, n) : null;
        return crowded ?? this.#askRow(n);
      },
      close: () => {
        for (const [request, by] of undo.reverse()) this.#shift(request, n, by === 1 ? -1 : 1);
        overlay.close();
      },
    };
  }

  evictionSums(): EvictionSums | undefined {
    const amounts = this.#amounts;
    if (!amounts || this.preFilter.rejection) return undefined;
    const rejectedBy = (this.#rejectedBy ??= this.#sweep());
    const { alone, checked, self } = amounts;
    return {
      cluster: this.#view.cluster,
      request: this.#request,
      checked,
      guestsOn: (n) => this.#crowd?.guestsOn(n) ?? NOBODY,
      decidedByAmounts: (n) => {
        if (!alone) return false;
        const crowded = this.#crowd?.rejectionOn(n);
        return crowded ? crowded.plugin === amounts.name : rejectedBy[n] === self;
      },
    };
  }

  reserve(n: number): void {
    for (const { plugin, facts } of this.#active) {
      const undo = plugin.reserve?.(facts, this.#request, this.#view, n);
      if (undo) this.#onReserve(undo);
    }
  }
}
