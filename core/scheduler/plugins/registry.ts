/** Plugins over columns by name. To add one: its file, its line here, its tests. */
import type { PackedPlugin } from '../framework.ts';
import type { PluginArgs } from '../profile.ts';
import { dynamicResources } from './dynamic-resources.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeDeclaredFeatures } from './node-declared-features.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { taintToleration } from './taint-toleration.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

/** A plugin whose facts are its own business. */
export type AnyPackedPlugin = PackedPlugin<unknown, unknown>;

const FACTORIES: Record<string, (args: PluginArgs) => unknown> = {
  NodeUnschedulable: () => nodeUnschedulable(),
  NodeName: () => nodeName(),
  TaintToleration: () => taintToleration(),
  NodeAffinity: (args) => nodeAffinity(args.nodeAffinity),
  NodePorts: () => nodePorts(),
  NodeResourcesFit: (args) => nodeResourcesFit(args.nodeResourcesFit),
  VolumeRestrictions: () => volumeRestrictions(),
  NodeVolumeLimits: () => nodeVolumeLimits(),
  VolumeBinding: () => volumeBinding(),
  VolumeZone: () => volumeZone(),
  PodTopologySpread: (args) => podTopologySpread(args.podTopologySpread),
  InterPodAffinity: (args) => interPodAffinity(args.interPodAffinity),
  DynamicResources: () => dynamicResources(),
  NodeResourcesBalancedAllocation: (args) => nodeResourcesBalancedAllocation(args.nodeResourcesBalancedAllocation),
  ImageLocality: () => imageLocality(),
  NodeDeclaredFeatures: () => nodeDeclaredFeatures(),
};

/** A plugin with the profile's arguments; undefined for a name that is not ours. */
export function createPlugin(name: string, args: PluginArgs): AnyPackedPlugin | undefined {
  return FACTORIES[name]?.(args) as AnyPackedPlugin | undefined;
}
