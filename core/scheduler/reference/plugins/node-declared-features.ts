/** NodeDeclaredFeatures: the node declares every feature the pod's spec calls for. Source: Kubernetes v1.36, plugins/nodedeclaredfeatures. */
import { requiredFeaturesOf } from '../../terms/declared-features.ts';
import { type ReferencePlugin, SKIP, unresolvable } from '../plugin.ts';

export const nodeDeclaredFeatures: ReferencePlugin<string[]> = {
  name: 'NodeDeclaredFeatures',

  preFilter({ pod }) {
    const features = requiredFeaturesOf(pod);
    return features.length > 0 ? { state: features } : SKIP;
  },

  filter(features, { node }) {
    const declared = node.status?.declaredFeatures ?? [];
    if (features.every((feature) => declared.includes(feature))) return undefined;
    return unresolvable("node(s) didn't match Pod's required features");
  },
};
