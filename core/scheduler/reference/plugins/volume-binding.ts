/**
 * VolumeBinding: bound claims reach the node, the others find a volume there or have one made. Its score exists only with
 * StorageCapacityScoring, which is off.
 * Source: Kubernetes v1.36, plugins/volumebinding.
 */
import type { PersistentVolumeClaim } from '../../../objects/types.ts';
import { resolveClaims } from '../../volumes/claims.ts';
import { assumePodVolumes, findPodVolumes } from '../../volumes/pod-volumes.ts';
import { type ReferencePlugin, SKIP, unresolvable } from '../plugin.ts';

interface State {
  bound: readonly PersistentVolumeClaim[];
  waiting: readonly PersistentVolumeClaim[];
}

export const volumeBinding: ReferencePlugin<State> = {
  name: 'VolumeBinding',

  preFilter({ pod, listers }) {
    const claims = resolveClaims(pod, listers);
    if ('error' in claims) return claims;
    if ('unresolvable' in claims) return { refusal: unresolvable(claims.unresolvable) };
    return claims.any ? { state: claims } : SKIP;
  },

  filter({ bound, waiting }, { node }, { listers }) {
    const { reasons } = findPodVolumes(bound, waiting, node, listers);
    return reasons.length > 0 ? unresolvable(...reasons) : undefined;
  },

  preScore() {
    return SKIP;
  },

  score() {
    return 0;
  },

  reserve({ bound, waiting }, { node, name }, { listers }) {
    return assumePodVolumes(findPodVolumes(bound, waiting, node, listers), name, listers);
  },
};
