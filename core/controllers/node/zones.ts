/**
 * How fast nodes may be given up in a zone: one after the other, slower where many are lost, and not at all where it
 * seems to be us who cannot see. Source: Kubernetes v1.36, pkg/controller/nodelifecycle (ComputeZoneState, zone limiters).
 */
import type { Node } from '../../objects/types.ts';
import { isReadyNode } from './health.ts';

const PER_NODE_MS = 10_000;
const SLOW_PER_NODE_MS = 100_000;
const LARGE_ZONE = 50;
const UNHEALTHY_SHARE = 0.55;

export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const region = labels['topology.kubernetes.io/region'] ?? '';
  return `${region}\n${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

export class EvictionPace {
  readonly #lastMs = new Map<string, number>();

  /** Milliseconds until one more node of the zone may be given up; 0: now, and it counts; undefined: not for now. */
  take(zone: string, nodes: Iterable<Node>, nowMs: number): number | undefined {
    const paceMs = paceOf(zone, nodes);
    if (paceMs === undefined) return undefined;
    const nextMs = (this.#lastMs.get(zone) ?? Number.NEGATIVE_INFINITY) + paceMs;
    if (nextMs > nowMs) return nextMs - nowMs;
    this.#lastMs.set(zone, nowMs);
    return 0;
  }
}

function paceOf(zone: string, nodes: Iterable<Node>): number | undefined {
  let anyReady = false;
  let ready = 0;
  let lost = 0;
  for (const node of nodes) {
    const isReady = isReadyNode(node);
    anyReady ||= isReady;
    if (zoneOf(node) !== zone) continue;
    if (isReady) ready++;
    else lost++;
  }
  if (!anyReady) return undefined;
  const isPartial = ready > 0 && lost > 2 && lost / (lost + ready) >= UNHEALTHY_SHARE;
  if (!isPartial) return PER_NODE_MS;
  return lost + ready > LARGE_ZONE ? SLOW_PER_NODE_MS : undefined;
}
