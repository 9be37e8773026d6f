/** The taints that a node's conditions ask for. Source: Kubernetes v1.36, pkg/controller/nodelifecycle, core/v1/well_known_taints.go. */
import type { Node, Taint } from '../../objects/types.ts';
import { conditionOf } from '../conditions.ts';
import { timeText } from '../time.ts';
import { conditionsOf } from './health.ts';

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** By condition and its status. */
const TAINTS: readonly (readonly [type: string, status: string, key: string])[] = [
  ['Ready', 'False', NOT_READY],
  ['Ready', 'Unknown', UNREACHABLE],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
];
const OWN: ReadonlySet<string> = new Set([...TAINTS.map(([, , key]) => key), UNSCHEDULABLE]);

/** Whether pods may be sent off: yes, not for now, or not even those who have been told, as all nodes seem lost. */
export type Eviction = 'now' | 'later' | 'never';

/** undefined where the node's taints are as they should be. */
export function taintsOf(node: Node, nowMs: number, eviction: Eviction): Taint[] | undefined {
  const had = node.spec?.taints ?? [];
  const time = timeText(nowMs);
  const wanted = [...noSchedule(node, time), ...noExecute(node, time, eviction)];
  const kept = had.filter((taint) => !isOwn(taint) || wanted.some((one) => isSame(one, taint)));
  const added = wanted.filter((taint) => !had.some((one) => isSame(one, taint)));
  return added.length === 0 && kept.length === had.length ? undefined : [...kept, ...added];
}

/** Whether pods are told to go, once it may be. */
export function wantsEviction(node: Node): boolean {
  const ready = conditionOf(conditionsOf(node), 'Ready')?.status;
  return (ready === 'False' || ready === 'Unknown') && !evicts(node, ready === 'False' ? NOT_READY : UNREACHABLE);
}

function evicts(node: Node, key: string): boolean {
  return (node.spec?.taints ?? []).some((taint) => taint.key === key && taint.effect === 'NoExecute');
}

/** A node that has not said yet how it is keeps the taint that it was made with. */
function noSchedule(node: Node, timeAdded: string): Taint[] {
  const conditions = conditionsOf(node);
  const taints = TAINTS.filter(([type, status]) => conditionOf(conditions, type)?.status === status).map(
    ([, , key]): Taint => ({ key, effect: 'NoSchedule', timeAdded }),
  );
  if (!conditionOf(conditions, 'Ready')) taints.push({ key: NOT_READY, effect: 'NoSchedule', timeAdded });
  if (node.spec?.unschedulable) taints.push({ key: UNSCHEDULABLE, effect: 'NoSchedule', timeAdded });
  return taints;
}

function noExecute(node: Node, timeAdded: string, eviction: Eviction): Taint[] {
  const ready = conditionOf(conditionsOf(node), 'Ready')?.status;
  if ((ready !== 'False' && ready !== 'Unknown') || eviction === 'never') return [];
  const [key, other] = ready === 'False' ? [NOT_READY, UNREACHABLE] : [UNREACHABLE, NOT_READY];
  // A node that turns from one to the other is evicted from already.
  const comes = eviction === 'now' || evicts(node, key) || evicts(node, other);
  return comes ? [{ key, effect: 'NoExecute', timeAdded }] : [];
}

function isOwn({ key, effect }: Taint): boolean {
  if (effect === 'NoExecute') return key === NOT_READY || key === UNREACHABLE;
  return effect === 'NoSchedule' && OWN.has(key);
}

function isSame(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}
