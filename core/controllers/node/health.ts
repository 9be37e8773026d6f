/**
 * Whether a node's agent still lives: it renews its lease or its status. What counts is when a change was observed, by
 * the controller's own clock. Source: Kubernetes v1.36, pkg/controller/nodelifecycle (tryUpdateNodeHealth).
 */
import type { KubeObject, Node } from '../../objects/types.ts';
import { type Condition, conditionOf } from '../conditions.ts';
import { timeOf, timeText } from '../time.ts';
import type { NodeLifecycleSettings } from './settings.ts';

/** What kubelets announce. */
const LEASE_SECONDS = 40;
const REPORTED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

interface Sign {
  text: string;
  seenMs: number;
}

export interface Lease extends KubeObject {
  spec?: { renewTime?: string; leaseDurationSeconds?: number };
}

export class NodeHealth {
  readonly #settings: NodeLifecycleSettings;
  readonly #signs = new Map<string, Sign>();

  constructor(settings: NodeLifecycleSettings) {
    this.#settings = settings;
  }

  /**
   * Milliseconds until the node counts as lost, 0 or below when it does. Each sign of life is noted. An agent that has
   * announced a longer lease is given that long, where Kubernetes' grace is the same for all.
   */
  graceLeft(node: Node, lease: Lease | undefined, nowMs: number): number {
    const { name } = node.metadata;
    const ready = conditionOf(conditionsOf(node), 'Ready');
    const beats = conditionsOf(node).map(({ lastHeartbeatTime }) => String(lastHeartbeatTime ?? ''));
    const text = `${lease?.spec?.renewTime ?? ''} ${beats.sort().at(-1) ?? ''}`;
    let sign = this.#signs.get(name);
    if (sign?.text !== text) {
      const isFirst = !sign && !ready;
      sign = { text, seenMs: isFirst ? (timeOf(node.metadata.creationTimestamp) ?? nowMs) : nowMs };
      this.#signs.set(name, sign);
    }
    const announced = lease?.spec?.leaseDurationSeconds ?? 0;
    const announcedMs = announced > LEASE_SECONDS ? announced * 1000 : 0;
    const { monitorGraceMs, startupGraceMs } = this.#settings;
    return sign.seenMs + Math.max(ready ? monitorGraceMs : startupGraceMs, announcedMs) - nowMs;
  }

  /** It was us who could not see: everybody is given as much time as if they had just been heard of. */
  renewAll(nowMs: number): void {
    for (const sign of this.#signs.values()) sign.seenMs = nowMs;
  }

  forget(name: string): void {
    this.#signs.delete(name);
  }
}

export function conditionsOf(node: Node): Condition[] {
  return (node.status?.conditions ?? []) as Condition[];
}

export function isReadyNode(node: Node): boolean {
  return conditionOf(conditionsOf(node), 'Ready')?.status === 'True';
}

/** The conditions of a node that nobody hears from. */
export function lostConditions(node: Node, nowMs: number): Condition[] {
  const now = timeText(nowMs);
  const conditions = conditionsOf(node);
  const others = conditions.filter(({ type }) => !REPORTED.includes(type));
  const lost = REPORTED.map((type): Condition => {
    const old = conditionOf(conditions, type);
    if (old?.status === 'Unknown') return old;
    const [reason, message] = old
      ? ['NodeStatusUnknown', 'Kubelet stopped posting node status.']
      : ['NodeStatusNeverUpdated', 'Kubelet never posted node status.'];
    const heartbeat = old?.lastHeartbeatTime ?? node.metadata.creationTimestamp ?? now;
    return { ...old, type, status: 'Unknown', reason, message, lastHeartbeatTime: heartbeat, lastTransitionTime: now };
  });
  return [...others, ...lost];
}
