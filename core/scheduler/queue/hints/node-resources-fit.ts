/** Hints of NodeResourcesFit. Source: Kubernetes v1.36, plugins/noderesources/fit.go. */
import { isScalarResource, podRequests } from '../../../objects/pod-requests.ts';
import { milliUnitsOf, nanoOf, unitsOf } from '../../../objects/quantity.ts';
import type { Node, Pod } from '../../../objects/types.ts';
import { Action } from '../events.ts';
import { type Hint, isOwnChange, nodeChange, podChange, type Registration } from './hint.ts';

export const nodeResourcesFitEvents: readonly Registration[] = [
  { resource: 'Pod', actions: Action.Delete | Action.UpdatePodScaleDown, hint: podMadeRoom },
  { resource: 'Node', actions: Action.Add | Action.UpdateNodeAllocatable, hint: nodeOffersRoom },
  { resource: 'DeviceClass', actions: Action.Add | Action.Update },
];

/** Resource name → millicores, bytes, units. */
type Amounts = Map<string, bigint>;

function podMadeRoom(...[pod, event]: Parameters<Hint>): boolean {
  const { old, now } = podChange(event);
  if (!now) return Boolean(old?.spec.nodeName || old?.status?.nominatedNodeName);
  if (isOwnChange(pod, event)) return true;
  if (!now.spec.nodeName || !old) return false;
  const before = amountsOf(old);
  const after = amountsOf(now);
  for (const [name, asked] of amountsOf(pod)) {
    if (asked > 0n && (before.get(name) ?? 0n) > (after.get(name) ?? 0n)) return true;
  }
  return false;
}

/** The pod would fit were the node empty, and an updated node has more than before of something the pod needs. */
function nodeOffersRoom(...[pod, event]: Parameters<Hint>): boolean {
  const { old, now } = nodeChange(event);
  if (!now) return false;
  const asked = amountsOf(pod);
  const offered = allocatableOf(now);
  if ((offered.get('pods') ?? 0n) < 1n) return false;
  for (const [name, amount] of asked) if (amount > (offered.get(name) ?? 0n)) return false;
  if (!old) return true;
  const before = allocatableOf(old);
  const grew = (name: string): boolean => (offered.get(name) ?? 0n) > (before.get(name) ?? 0n);
  return grew('pods') || [...asked].some(([name, amount]) => amount > 0n && grew(name));
}

/** An event is held against every waiting pod, and a waiting pod against every event: each is added up once. */
const known = new WeakMap<Pod | Node, Amounts>();

function amountsOf(pod: Pod): Amounts {
  let amounts = known.get(pod);
  if (!amounts) known.set(pod, (amounts = rounded(podRequests(pod, { useStatus: Boolean(pod.spec.nodeName) }))));
  return amounts;
}

function allocatableOf(node: Node): Amounts {
  let amounts = known.get(node);
  if (!amounts) {
    const list = Object.entries(node.status?.allocatable ?? {});
    known.set(node, (amounts = rounded(new Map(list.map(([name, quantity]) => [name, nanoOf(quantity)])))));
  }
  return amounts;
}

/** Resources the scheduler knows; any other name is left out. */
function rounded(nano: ReadonlyMap<string, bigint>): Amounts {
  const amounts: Amounts = new Map();
  for (const [name, amount] of nano) {
    if (name === 'cpu') amounts.set(name, milliUnitsOf(amount));
    else if (name === 'memory' || name === 'ephemeral-storage' || name === 'pods' || isScalarResource(name)) {
      amounts.set(name, unitsOf(amount));
    }
  }
  return amounts;
}
