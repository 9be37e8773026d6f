/**
 * Why a pick goes where it goes: the same stages as picker.ts, told one by one. The answer is that of the pick made next with
 * the same arguments; asking leaves draws, turns and affinity as they are.
 */
import type { Candidate } from '../policies/policy.ts';
import { POLICIES } from '../policies/registry.ts';
import {
  AFFINITY_SECONDS,
  CODE,
  COUNT,
  GROUP_COUNT,
  GROUP_WORDS,
  GROUPS,
  HEADER_WORDS,
  LABEL,
  THRESHOLD,
  VERSION,
} from '../tables/layout.ts';
import type { Tried } from '../tables/tried.ts';
import { NO_ENDPOINT, type Picker } from './picker.ts';

export type PickStep =
  | { stage: 'table'; version: number; endpoints: number; groups: number }
  | { stage: 'affinity'; seconds: number; hit: boolean; endpoint?: number }
  | { stage: 'group'; priority: number; panic: boolean; local: boolean; share: number; endpoints: number }
  | { stage: 'policy'; policy: string; compares: string; candidates: { endpoint: number; score?: number }[] }
  | { stage: 'tried'; endpoints: number[] };

export interface PickExplanation {
  /** As `pick` would return it. */
  endpoint: number;
  steps: PickStep[];
}

export function explainPick(
  picker: Picker,
  service: number,
  client: number,
  nowUs: number,
  tried?: Tried,
): PickExplanation {
  const { reader } = picker;
  const region = reader.regionOf(service);
  if (region === 0) return { endpoint: NO_ENDPOINT, steps: [] };
  reader.region = region;
  reader.service = service;
  reader.clock[0] = nowUs;
  const { words } = reader;
  const steps: PickStep[] = [
    {
      stage: 'table',
      version: words[region + VERSION],
      endpoints: words[region + COUNT],
      groups: words[region + GROUPS],
    },
  ];
  const seconds = words[region + AFFINITY_SECONDS];
  if (seconds > 0) {
    const entry = picker.affinityEntry(region, client, tried);
    if (entry >= 0) {
      const endpoint = picker.affinity.slotAt(entry);
      steps.push({ stage: 'affinity', seconds, hit: true, endpoint });
      return { endpoint, steps };
    }
    steps.push({ stage: 'affinity', seconds, hit: false });
  }
  if (words[region + GROUPS] === 0) return { endpoint: NO_ENDPOINT, steps };
  return { endpoint: explainFresh(picker, client, tried, steps), steps };
}

function explainFresh(picker: Picker, client: number, tried: Tried | undefined, steps: PickStep[]): number {
  const { reader } = picker;
  const { words, region } = reader;
  const before = reader.draws.save();
  const group = picker.groupFor(region, client);
  steps.push(groupStep(words, region, group));
  const policy = POLICIES[words[group + CODE]];
  const drawn = reader.draws.save();
  const candidates = policy.candidates(reader, group, client).map(({ index, score }: Candidate) => {
    const endpoint = reader.slotAt(group, index);
    return score === undefined ? { endpoint } : { endpoint, score };
  });
  reader.draws.restore(drawn);
  steps.push({ stage: 'policy', policy: policy.name, compares: policy.compares, candidates });
  const excluded = tried !== undefined && tried.count > 0;
  if (excluded)
    steps.push({ stage: 'tried', endpoints: candidates.map((c) => c.endpoint).filter((e) => tried.has(e)) });
  const endpoint = excluded
    ? picker.untried(region, group, client, tried, false)
    : reader.slotAt(group, policy.choose(reader, group, client, 0));
  reader.draws.restore(before);
  return endpoint;
}

function groupStep(words: Int32Array, region: number, group: number): PickStep {
  const below = group === region + HEADER_WORDS ? 0 : words[group - GROUP_WORDS + THRESHOLD] >>> 0;
  const label = words[group + LABEL];
  return {
    stage: 'group',
    priority: label >> 2,
    panic: (label & 1) !== 0,
    local: (label & 2) !== 0,
    share: ((words[group + THRESHOLD] >>> 0) - below) / 0xffffffff,
    endpoints: words[group + GROUP_COUNT],
  };
}
