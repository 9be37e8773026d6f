/** What a node offers, exactly: status.allocatable, rounded as the scheduler rounds it (semantics 2.4). */
import { isScalarResource } from '../objects/pod-requests.ts';
import { milliUnitsOf, nanoOf, unitsOf } from '../objects/quantity.ts';
import type { Node } from '../objects/types.ts';

export interface Allocatable {
  cpu: bigint;
  memory: bigint;
  ephemeralStorage: bigint;
  pods: bigint;
  scalars: Map<string, bigint>;
}

/** Nothing, for a node that is missing. */
export function allocatableOf(node: Node | undefined): Allocatable {
  const offered: Allocatable = { cpu: 0n, memory: 0n, ephemeralStorage: 0n, pods: 0n, scalars: new Map() };
  for (const [name, quantity] of Object.entries(node?.status?.allocatable ?? {})) {
    const nano = nanoOf(quantity);
    if (name === 'cpu') offered.cpu = milliUnitsOf(nano);
    else if (name === 'memory') offered.memory = unitsOf(nano);
    else if (name === 'ephemeral-storage') offered.ephemeralStorage = unitsOf(nano);
    else if (name === 'pods') offered.pods = unitsOf(nano);
    else if (isScalarResource(name)) offered.scalars.set(name, unitsOf(nano));
  }
  return offered;
}
