/** Which shared parts a pod's class has under a profile; or why it cannot be factored. */
import type { PodRequest } from '../../cluster/pod-request.ts';
import { SKIP, type View } from '../framework.ts';
import type { AnyPackedPlugin } from '../plugins/registry.ts';
import type { ActiveFilter } from '../scan/pre-filter.ts';
import type { ScanProfile } from '../scan/scan-profile.ts';
import { spreadConstraintsOf } from '../terms/spread-constraints.ts';
import { exclusiveClaims } from '../volumes/disk-conflicts.ts';
import { AffinityPart } from './affinity-part.ts';
import type { EngineLimits } from './limits.ts';
import { openScoresOf } from './open-scores.ts';
import type { Part, Unfactored } from './part.ts';
import { RawPart } from './raw-part.ts';
import { SpreadHardPart } from './spread-hard-part.ts';
import { SpreadSoftPart } from './spread-soft-part.ts';

/** Filters of these are local although their scores, or other rules of theirs, are shared. */
const LOCAL_FILTERS = new Set(['TaintToleration', 'NodeAffinity']);
/** Their parts are opened below. */
const FACTORED = new Set(['PodTopologySpread', 'InterPodAffinity']);

/** The active filters that look at one node alone; undefined parts say why there are none. */
export function localFilters(active: readonly ActiveFilter[]): ActiveFilter[] | Unfactored {
  const local: ActiveFilter[] = [];
  for (const filter of active) {
    const { name, scope, filter: kernel } = filter.plugin;
    if (!kernel || FACTORED.has(name)) continue;
    if (name === 'VolumeBinding' && (filter.facts as { waiting: unknown[] }).waiting.length > 0) {
      return { unfactored: 'a claim waits for its first consumer' };
    }
    if (scope === 'shared' && !LOCAL_FILTERS.has(name)) return { unfactored: `filter ${name} is shared` };
    local.push(filter);
  }
  return local;
}

export function openParts(
  profile: ScanProfile,
  pod: PodRequest,
  view: View,
  limits: EngineLimits,
): Part[] | Unfactored {
  const parts: Part[] = [];
  const { args } = profile;
  const exclusive = pod.hasVolumes ? exclusiveClaims(pod.pod, view.listers) : new Set();
  if ('unresolvable' in exclusive || exclusive.size > 0) return { unfactored: 'a claim is for one pod at a time' };
  const filters = (name: string): boolean => profile.filters.some((plugin) => plugin.name === name);
  const weightOf = (name: string): number => profile.scores.find(({ plugin }) => plugin.name === name)?.weight ?? 0;

  if (filters('PodTopologySpread')) {
    const hard = spreadConstraintsOf(pod.pod, 'DoNotSchedule', args.podTopologySpread, view.listers);
    if ('error' in hard) return { unfactored: 'PodTopologySpread fails' };
    if (hard.constraints.length > 0) parts.push(new SpreadHardPart(hard.constraints, pod, view, limits));
  }
  const spreadWeight = weightOf('PodTopologySpread');
  if (spreadWeight > 0) {
    const soft = spreadConstraintsOf(pod.pod, 'ScheduleAnyway', args.podTopologySpread, view.listers);
    if ('error' in soft) return { unfactored: 'PodTopologySpread fails' };
    if (soft.constraints.length > 0) parts.push(new SpreadSoftPart(soft, spreadWeight, pod, view, limits));
  }
  const affinityWeight = weightOf('InterPodAffinity');
  if (filters('InterPodAffinity') || affinityWeight > 0) {
    parts.push(new AffinityPart(pod, view, affinityWeight, filters('InterPodAffinity'), args.interPodAffinity, limits));
  }
  const open = new Set(openScoresOf(profile).map(({ plugin }) => plugin));
  for (const { plugin, weight } of profile.scores) {
    if (FACTORED.has(plugin.name) || open.has(plugin)) continue;
    const raw = rawPart(plugin, weight, pod, view);
    if (raw && 'unfactored' in raw) return raw;
    if (raw) parts.push(raw);
  }
  return parts;
}

/** A score that is local up to its normalisation. */
function rawPart(plugin: AnyPackedPlugin, weight: number, pod: PodRequest, view: View): Part | Unfactored | undefined {
  if (plugin.scope === 'local' && !plugin.normalize) return undefined;
  if (plugin.scope === 'shared' && !LOCAL_FILTERS.has(plugin.name)) {
    return { unfactored: `score ${plugin.name} is shared` };
  }
  const facts = plugin.preScore?.(pod, view, []);
  if (facts === SKIP) return undefined;
  if (typeof facts === 'object' && facts !== null && 'error' in facts) return { unfactored: `${plugin.name} fails` };
  return new RawPart(plugin, weight, facts, pod, view);
}
