/**
 * A service's table as one block of the arena. Built beside the one that is read, and not touched once it is published.
 */
import { assert } from '../../assert.ts';
import type { Group } from '../pick/arrange.ts';
import type { MaglevMember } from '../policies/maglev-table.ts';
import type { Addition } from '../policies/policy.ts';
import { POLICIES, policyCode } from '../policies/registry.ts';
import {
  AFFINITY_SECONDS,
  AUX,
  AUX_SIZE,
  CODE,
  COUNT,
  GROUP_COUNT,
  GROUP_WORDS,
  GROUPS,
  HEADER_WORDS,
  LABEL,
  LATENCY,
  ONLY,
  PARAMETER_COUNT,
  PARAMETERS,
  SIZE,
  SLOTS,
  THRESHOLD,
  VERSION,
  WEIGHTS,
} from './layout.ts';

/** Everything a region says, before it has a place. */
export interface RegionPlan {
  parameters: number[];
  affinitySeconds: number;
  latency: boolean;
  groups: GroupPlan[];
}

export interface GroupPlan {
  /** Unsigned. */
  threshold: number;
  label: number;
  code: number;
  /** Rising. */
  slots: Int32Array;
  weights: Float64Array;
  members: readonly MaglevMember[];
}

export interface Arenas {
  words: Int32Array;
  halves: Uint16Array;
  reals: Float64Array;
}

/** @param parameters of the policy, in its order. */
export function planRegion(
  groups: readonly Group[],
  policy: string,
  parameters: number[],
  affinitySeconds: number,
): RegionPlan {
  let shares = 0;
  const plans = groups.map((group, i) => {
    shares += group.share;
    const last = i === groups.length - 1;
    return planGroup(group, policy, last ? 0xffffffff : Math.round(shares * 0xffffffff));
  });
  const latency = POLICIES[policyCode(policy)].latency === true;
  return { parameters, affinitySeconds, latency, groups: plans };
}

function planGroup(group: Group, policy: string, threshold: number): GroupPlan {
  const members = group.members.toSorted((a, b) => a.slot - b.slot);
  const equal = members.every(({ weight }) => weight === members[0].weight);
  const named = POLICIES[policyCode(policy)];
  const label = 4 * group.priority + (group.panic ? 1 : 0) + (group.local ? 2 : 0);
  return {
    threshold,
    label,
    code: policyCode(equal ? policy : (named.whenWeighted ?? policy)),
    slots: Int32Array.from(members.map(({ slot }) => slot)),
    weights: Float64Array.from(members.map(({ weight }) => weight)),
    members,
  };
}

/** The plan says what the region at this word says already. */
export function isSame({ words, reals }: Arenas, region: number, plan: RegionPlan): boolean {
  if (region === 0 || words[region + GROUPS] !== plan.groups.length) return false;
  if (words[region + AFFINITY_SECONDS] !== plan.affinitySeconds || !sameParameters(reals, region, plan)) return false;
  return plan.groups.every((group, i) => {
    const row = region + HEADER_WORDS + GROUP_WORDS * i;
    if (words[row + THRESHOLD] >>> 0 !== group.threshold || words[row + LABEL] !== group.label) return false;
    return sameMembers(words, reals, row, group);
  });
}

/**
 * Lays the plan out. What a policy adds (a Maglev table, a ring) is copied from the old region where the members are the same.
 * @param allocate a block for so many words, 0 where there is none. Returns the region; 0 where it found no place.
 */
export function writeRegion(
  arenas: Arenas,
  plan: RegionPlan,
  version: number,
  old: number,
  allocate: (words: number) => number,
): number {
  const { words } = arenas;
  const olds = plan.groups.map((group, i) => sameGroup(arenas, old, i, plan, group));
  const additions = plan.groups.map((group, i) =>
    olds[i] === 0 ? prepare(group, plan.parameters) : kept(arenas, olds[i]),
  );
  const sizes = plan.groups.map((group, i) => groupWords(group, additions[i].words));
  const size = HEADER_WORDS + GROUP_WORDS * plan.groups.length + sizes.reduce((sum, each) => sum + each, 0);
  const region = allocate(size);
  if (region === 0) return 0;
  words[region + VERSION] = version;
  words[region + COUNT] = plan.groups.reduce((sum, { slots }) => sum + slots.length, 0);
  words[region + GROUPS] = plan.groups.length;
  words[region + SIZE] = size;
  words[region + AFFINITY_SECONDS] = plan.affinitySeconds;
  words[region + LATENCY] = plan.latency ? 1 : 0;
  words[region + ONLY] = plan.groups.length === 1 && plan.affinitySeconds === 0 ? plan.groups[0].code : -1;
  for (let i = 0; i < PARAMETER_COUNT; i++) arenas.reals[(region >> 1) + PARAMETERS + i] = plan.parameters[i] ?? 0;
  let at = region + HEADER_WORDS + GROUP_WORDS * plan.groups.length;
  plan.groups.forEach((group, i) => {
    writeGroup(arenas, region + HEADER_WORDS + GROUP_WORDS * i, group, additions[i], at);
    at += sizes[i];
  });
  return region;
}

/** Weights with their sum (doubles) first, so that they stand at an even word; then the addition, then slots. */
function groupWords(group: GroupPlan, addition: number): number {
  return even(2 * (group.slots.length + 1) + even(addition) + group.slots.length);
}

function writeGroup(arenas: Arenas, row: number, group: GroupPlan, addition: Addition, at: number): void {
  const { words, halves, reals } = arenas;
  const count = group.slots.length;
  const aux = at + 2 * (count + 1);
  const slots = aux + even(addition.words);
  words[row + THRESHOLD] = group.threshold;
  words[row + GROUP_COUNT] = count;
  words[row + SLOTS] = slots;
  words[row + WEIGHTS] = at >> 1;
  words[row + AUX] = aux;
  words[row + AUX_SIZE] = addition.size;
  words[row + CODE] = group.code;
  words[row + LABEL] = group.label;
  reals.set(group.weights, at >> 1);
  reals[(at >> 1) + count] = group.weights.reduce((sum, weight) => sum + weight, 0);
  // What the addition leaves over of its last words is 0, whatever stood in the block before.
  words.fill(0, Math.max(aux, slots - 2), slots);
  addition.write(words, halves, aux);
  words.set(group.slots, slots);
}

function prepare(group: GroupPlan, parameters: readonly number[]): Addition {
  return POLICIES[group.code].prepare?.(group.members, parameters) ?? { words: 0, size: 0, write: () => {} };
}

/** What the group's addition was, to be copied. */
function kept({ words }: Arenas, row: number): Addition {
  const from = words[row + AUX];
  const length = words[row + SLOTS] - from;
  return {
    words: length,
    size: words[row + AUX_SIZE],
    write: (_words, _halves, at) => words.copyWithin(at, from, from + length),
  };
}

/** The row of the old region whose addition may be copied; 0 where there is none. */
function sameGroup({ words, reals }: Arenas, old: number, i: number, plan: RegionPlan, group: GroupPlan): number {
  if (old === 0 || i >= words[old + GROUPS] || !sameParameters(reals, old, plan)) return 0;
  const row = old + HEADER_WORDS + GROUP_WORDS * i;
  return sameMembers(words, reals, row, group) ? row : 0;
}

function sameMembers(words: Int32Array, reals: Float64Array, row: number, group: GroupPlan): boolean {
  const count = group.slots.length;
  if (words[row + CODE] !== group.code || words[row + GROUP_COUNT] !== count) return false;
  const [slots, weights] = [words[row + SLOTS], words[row + WEIGHTS]];
  for (let i = 0; i < count; i++) {
    if (words[slots + i] !== group.slots[i] || reals[weights + i] !== group.weights[i]) return false;
  }
  return true;
}

function sameParameters(reals: Float64Array, region: number, { parameters }: RegionPlan): boolean {
  assert(parameters.length <= PARAMETER_COUNT, () => `${parameters.length} parameters`);
  return parameters.every((value, i) => reals[(region >> 1) + PARAMETERS + i] === value);
}

function even(words: number): number {
  return words + (words & 1);
}
