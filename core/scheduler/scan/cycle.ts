/**
 * One pod against the packed columns: PreFilter once, then the filter kernels over all rows at once, and the score
 * kernels over those that fit. Rows with nominated pods are asked twice (semantics 5.5).
 */
import type { Overlay } from '../../cluster/overlay.ts';
import type { PlacedPod } from '../../cluster/placed-pod.ts';
import type { PodRequest } from '../../cluster/pod-request.ts';
import { type Pod, priorityOf } from '../../objects/types.ts';
import {
  type Cycle,
  type CycleError,
  type DryRun,
  MAX_NODE_SCORE,
  type NominatedPods,
  podKey,
  type Rejection,
  type Scores,
  SKIP,
  type View,
} from '../framework.ts';
import { type ActiveFilter, runPreFilter } from './pre-filter.ts';
import type { ScanProfile } from './scan-profile.ts';
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
  readonly #active: readonly ActiveFilter[];
  #rejectedBy: Uint8Array | undefined;
  /** Rows whose nominated pods leave no place for this one. */
  #crowdedOut: Map<number, Rejection> | undefined;

  /** @param onReserve is given what undoes each fact that a plugin reserved. */
  constructor(
    view: View,
    profile: ScanProfile,
    request: PodRequest,
    nominated: NominatedPods,
    scratch: Scratch,
    onReserve: (undo: () => void) => void,
  ) {
    this.pod = request.pod;
    this.#view = view;
    this.#profile = profile;
    this.#request = request;
    this.#nominated = nominated;
    this.#scratch = scratch;
    this.#onReserve = onReserve;
    this.order = view.cluster.order();
    const { outcome, active } = runPreFilter(profile.filters, request, view);
    this.preFilter = outcome;
    this.#active = active;
  }

  nodeName(n: number): string {
    return this.#view.cluster.nodeAt(n)?.metadata.name ?? '';
  }

  nodeIndex(name: string): number {
    return this.#view.cluster.rowOf(name);
  }

  fits(n: number): boolean {
    return (this.#rejectedBy ??= this.#sweep())[n] === 0;
  }

  rejection(n: number): Rejection | null {
    this.#rejectedBy ??= this.#sweep();
    const crowded = this.#crowdedOut?.get(n);
    if (crowded) return crowded;
    return this.#inWords(this.#rejectedBy[n], n);
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
    const rejectedBy = this.#scratch.rejectedBy(cluster.rows);
    const { nodeNames } = this.preFilter;
    if (!nodeNames) this.#filter(0, cluster.rows, rejectedBy);
    const nominated = this.pod.status?.nominatedNodeName;
    for (const name of nodeNames && nominated ? nodeNames.union(new Set([nominated])) : (nodeNames ?? [])) {
      const row = cluster.rowOf(name);
      if (row >= 0) this.#filter(row, row + 1, rejectedBy);
    }
    if (this.#nominated.size > 0) this.#askCrowdedRows(rejectedBy);
    return rejectedBy;
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
    this.#crowdedOut = new Map();
    for (const name of this.#nominated.nodeNames()) {
      const row = this.#view.cluster.rowOf(name);
      const guests = row < 0 ? [] : this.#guestsOf(name);
      if (guests.length === 0) continue;
      const overlay = this.#view.cluster.overlay(row);
      const rejection = this.#askWithGuests(overlay, guests, row);
      overlay.close();
      if (!rejection) continue;
      this.#crowdedOut.set(row, rejection);
      rejectedBy[row] ||= 255;
    }
  }

  /** Pods nominated to the node that this one may not push aside. */
  #guestsOf(nodeName: string): PodRequest[] {
    const priority = priorityOf(this.pod);
    return this.#nominated
      .onNode(nodeName)
      .filter((other) => priorityOf(other) >= priority && podKey(other) !== this.#request.key)
      .map((other) => this.#view.cluster.request(other, podKey(other)));
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
    const verdict = this.#scratch.oneRow(this.#view.cluster.rows);
    verdict[row] = 0;
    this.#filter(row, row + 1, verdict);
    return this.#inWords(verdict[row], row);
  }

  #shift(other: PodRequest, row: number, by: 1 | -1): void {
    for (const { plugin, facts } of this.#active) plugin.shift?.(facts, this.#request, this.#view, other, row, by);
  }

  // --- scores ----------------------------------------------------------------------------------------------------

  /** The arrays are valid until the next call. */
  score(feasible: ArrayLike<number>): Scores | { error: CycleError } {
    const plugins: string[] = [];
    const weights: number[] = [];
    const raw: Float64Array[] = [];
    const normalized: Float64Array[] = [];
    let slot = 0;
    const totals = this.#scratch.scores(slot++, feasible.length).fill(0);
    for (const { plugin, weight } of this.#profile.scores) {
      const facts = plugin.preScore?.(this.#request, this.#view, feasible);
      if (facts === SKIP) continue;
      if (isError(facts)) return failure(plugin.name, `running PreScore plugin "${plugin.name}": ${facts.error}`);
      const scores = this.#scratch.scores(slot++, feasible.length);
      plugin.score?.(facts, this.#request, this.#view, feasible, scores);
      raw.push(plugin.normalize ? this.#scratch.scores(slot++, feasible.length) : scores);
      if (plugin.normalize) {
        raw[raw.length - 1].set(scores);
        plugin.normalize(facts, scores, feasible);
      }
      const outside = addWeighted(totals, scores, weight);
      if (outside !== undefined) {
        const range = 'it should in the range of [0, 100] after normalizing';
        return failure(plugin.name, `plugin "${plugin.name}" returns an invalid score ${outside}, ${range}`);
      }
      plugins.push(plugin.name);
      weights.push(weight);
      normalized.push(scores);
    }
    return { plugins, weights, raw, normalized, totals };
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

  reserve(n: number): void {
    for (const { plugin, facts } of this.#active) {
      const undo = plugin.reserve?.(facts, this.#request, this.#view, n);
      if (undo) this.#onReserve(undo);
    }
  }
}

function isError(facts: unknown): facts is { error: string } {
  return typeof facts === 'object' && facts !== null && 'error' in facts;
}

function failure(plugin: string, message: string): { error: CycleError } {
  return { error: { plugin, message } };
}

/** Adds weight × score to the totals; returns a score that lies outside 0..100, if there is one. */
function addWeighted(totals: Float64Array, scores: Float64Array, weight: number): number | undefined {
  let outside: number | undefined;
  for (let k = 0; k < totals.length; k++) {
    if (!(scores[k] >= 0 && scores[k] <= MAX_NODE_SCORE)) outside ??= scores[k];
    totals[k] += weight * scores[k];
  }
  return outside;
}
