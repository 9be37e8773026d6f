/**
 * NodeDeclaredFeatures. Filter: the node declares every feature that the pod's spec calls for.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/nodedeclaredfeatures.
 */
import { type PackedPlugin, SKIP } from '../framework.ts';
import { requiredFeaturesOf } from '../terms/declared-features.ts';

export function nodeDeclaredFeatures(): PackedPlugin<string[]> {
  return {
    name: 'NodeDeclaredFeatures',
    scope: 'local',
    heedsPods: false,

    preFilter({ pod }) {
      const features = requiredFeaturesOf(pod);
      return features.length === 0 ? SKIP : features;
    },

    filter(features, _pod, { cluster }, from, to, rejectedBy, self) {
      for (let n = from; n < to; n++) {
        const declared = cluster.nodeAt(n)?.status?.declaredFeatures ?? [];
        if (!features.every((feature) => declared.includes(feature))) rejectedBy[n] ||= self;
      }
    },

    reasonKey: () => 0,
    explain: () => ({
      code: 'UnschedulableAndUnresolvable',
      reasons: ["node(s) didn't match Pod's required features"],
    }),
  };
}
