/** The plugins of the reference decider, by name. */
import type { AnyReferencePlugin, ReferencePlugin } from '../plugin.ts';
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

/** A plugin gets back only states that it made itself, so their types may be forgotten here. */
function forget<F, S>(plugin: ReferencePlugin<F, S>): AnyReferencePlugin {
  return plugin as unknown as AnyReferencePlugin;
}

export const REFERENCE_PLUGINS: ReadonlyMap<string, AnyReferencePlugin> = new Map(
  [
    forget(nodeUnschedulable),
    forget(nodeName),
    forget(taintToleration),
    forget(nodeAffinity),
    forget(nodePorts),
    forget(nodeResourcesFit),
    forget(volumeRestrictions),
    forget(nodeVolumeLimits),
    forget(volumeBinding),
    forget(volumeZone),
    forget(podTopologySpread),
    forget(interPodAffinity),
    forget(dynamicResources),
    forget(nodeResourcesBalancedAllocation),
    forget(imageLocality),
    forget(nodeDeclaredFeatures),
  ].map((plugin) => [plugin.name, plugin]),
);
