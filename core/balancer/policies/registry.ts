/** Every policy; its place here is its code in the tables. */
import { boundedLoad } from './bounded-load.ts';
import { edf, weightedLeastRequest } from './edf.ts';
import { leastConnections } from './least-connections.ts';
import { leastRequest } from './least-request.ts';
import { maglev } from './maglev.ts';
import { peakEwma } from './peak-ewma.ts';
import type { Policy } from './policy.ts';
import { prequal } from './prequal.ts';
import { random } from './random.ts';
import { rendezvous } from './rendezvous.ts';
import { ringHash } from './ring-hash.ts';
import { roundRobin } from './round-robin.ts';
import { smooth } from './smooth.ts';
import { weighted } from './weighted.ts';

export const POLICIES: readonly Policy[] = [
  random,
  roundRobin,
  weighted,
  smooth,
  edf,
  leastRequest,
  weightedLeastRequest,
  leastConnections,
  peakEwma,
  prequal,
  maglev,
  ringHash,
  boundedLoad,
  rendezvous,
];

/** The place of a policy; -1 where there is none of that name. */
export function policyCode(name: string): number {
  return POLICIES.findIndex((policy) => policy.name === name);
}
