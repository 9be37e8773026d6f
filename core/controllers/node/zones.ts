/**
 * How fast nodes may be given up in each zone: one after the other, slower where many are lost, and not at all where none
 * of any zone is heard from, as then it is likely us who cannot see.
 * Source: Kubernetes v1.36, pkg/controller/nodelifecycle (handleDisruption, ComputeZoneState, scheduler/rate_limited_queue.go).
 */
import type { Node } from '../../objects/types.ts';
import type { Change } from '../controller.ts';
import { isReadyNode } from './health.ts';
import type { NodeLifecycleSettings } from './settings.ts';

/** Nodes with this label are not counted. */
const EXCLUDED = 'node.kubernetes.io/exclude-disruption';

type ZoneState = 'initial' | 'normal' | 'partial' | 'full';

/** All of all zones are lost, or no longer. */
export type Turn = 'lost-all' | 'found-some';

/** One node at once, and then as many a second as the rate says. */
class Pace {
  #rate: number;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(rate: number) {
    this.#rate = rate;
  }

  get everyMs(): number {
    return 1000 / this.#rate;
  }

  /** Infinity where nobody may be sent off. */
  waitMs(nowMs: number): number {
    return this.#rate > 0 ? Math.max(0, this.#nextMs - nowMs) : Number.POSITIVE_INFINITY;
  }

  took(nowMs: number): void {
    this.#nextMs = nowMs + this.everyMs;
  }

  /** Who has to wait now waits for the first one at the new rate. */
  change(rate: number, nowMs: number): void {
    if (rate === this.#rate) return;
    const waits = this.waitMs(nowMs) > 0;
    this.#rate = rate;
    if (waits) this.took(nowMs);
    else this.#nextMs = Number.NEGATIVE_INFINITY;
  }
}

class Zone {
  ready = 0;
  lost = 0;
  state: ZoneState = 'initial';
  readonly pace: Pace;
  /** Nodes to be given up, in their order: since when, and those whose turn has come and who do not say so yet. */
  readonly waiting = new Map<string, number>();
  readonly granted = new Set<string>();

  constructor(rate: number) {
    this.pace = new Pace(rate);
  }
}

interface Counted {
  zone: string;
  ready: boolean;
}

export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const region = labels['topology.kubernetes.io/region'] ?? '';
  return `${region}\n${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

export class Zones {
  readonly #settings: NodeLifecycleSettings;
  readonly #zones = new Map<string, Zone>();
  readonly #counted = new Map<string, Counted>();

  constructor(settings: NodeLifecycleSettings) {
    this.#settings = settings;
  }

  /** A node as observed. */
  take({ object, gone }: Change): void {
    const node = object as Node;
    const { name, labels = {} } = node.metadata;
    const before = this.#counted.get(name);
    const now = gone || EXCLUDED in labels ? undefined : { zone: zoneOf(node), ready: isReadyNode(node) };
    if (before) this.#count(before, -1);
    if (now) this.#count(now, 1);
    if (now) this.#counted.set(name, now);
    else this.#counted.delete(name);
    if (before?.zone === now?.zone) return;
    this.release(name);
    const left = before && this.#zoneOf(before.zone);
    // A zone that comes again begins anew.
    if (before && left && left.ready + left.lost === 0) this.#zones.delete(before.zone);
  }

  /** Brings paces to what is observed. */
  turn(nowMs: number): Turn | undefined {
    const zones = [...this.#zones.values()].filter(({ ready, lost }) => ready + lost > 0);
    const allAre = zones.every((zone) => this.#stateOf(zone) === 'full');
    const allWere = zones.every(({ state }) => state === 'full');
    if (allAre && allWere) return undefined;
    for (const zone of zones) {
      const state = this.#stateOf(zone);
      if (allAre) zone.pace.change(0, nowMs);
      else if (allWere || state !== zone.state) zone.pace.change(this.#rateOf(zone, state), nowMs);
      zone.state = state;
    }
    if (allAre) return 'lost-all';
    return allWere ? 'found-some' : undefined;
  }

  /** As of the last turn. */
  get areAllLost(): boolean {
    return [...this.#zones.values()].every(({ ready, lost, state }) => ready + lost === 0 || state === 'full');
  }

  /**
   * Milliseconds until pods may be sent off from a node that has been lost; 0: now, and it counts; undefined: not for now.
   * Nodes of a zone take turns in the order in which they were lost.
   */
  giveUp(node: Node, nowMs: number): number | undefined {
    const { name } = node.metadata;
    const { pace, waiting, granted } = this.#zoneOf(zoneOf(node));
    if (granted.has(name)) return 0;
    const sinceMs = waiting.get(name) ?? nowMs;
    if (!waiting.has(name)) waiting.set(name, nowMs);
    const seen = sinceMs + this.#settings.monitorPeriodMs - nowMs;
    const place = [...waiting.keys()].indexOf(name);
    const wait = Math.max(seen, pace.waitMs(nowMs) + (place > 0 ? place * pace.everyMs : 0));
    if (wait === Number.POSITIVE_INFINITY) return undefined;
    if (wait > 0) return wait;
    pace.took(nowMs);
    waiting.delete(name);
    granted.add(name);
    return 0;
  }

  /** The node has been given up, or has not to be any more. */
  release(name: string): void {
    for (const { waiting, granted } of this.#zones.values()) {
      waiting.delete(name);
      granted.delete(name);
    }
  }

  #zoneOf(name: string): Zone {
    let zone = this.#zones.get(name);
    if (!zone) this.#zones.set(name, (zone = new Zone(this.#settings.evictionRate)));
    return zone;
  }

  #count({ zone, ready }: Counted, by: 1 | -1): void {
    const found = this.#zoneOf(zone);
    if (ready) found.ready += by;
    else found.lost += by;
  }

  #stateOf({ ready, lost }: Zone): ZoneState {
    if (ready === 0) return 'full';
    return lost > 2 && lost / (lost + ready) >= this.#settings.unhealthyZoneThreshold ? 'partial' : 'normal';
  }

  #rateOf({ ready, lost }: Zone, state: ZoneState): number {
    const { evictionRate, secondaryEvictionRate, largeClusterSizeThreshold } = this.#settings;
    if (state !== 'partial') return evictionRate;
    return ready + lost > largeClusterSizeThreshold ? secondaryEvictionRate : 0;
  }
}
