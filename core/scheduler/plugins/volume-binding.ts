/**
 * VolumeBinding. Filter: bound volumes reach the node; unbound claims find a volume there or one can be made. Reserve
 * writes these decisions into the listers.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/volumebinding.
 */
import { type PackedPlugin, SKIP, type View } from '../framework.ts';
import { type PodClaims, resolveClaims } from '../volumes/claims.ts';
import { assumePodVolumes, findPodVolumes, type PodVolumes } from '../volumes/pod-volumes.ts';

type Claims = Extract<PodClaims, { any: boolean }>;

export function volumeBinding(): PackedPlugin<Claims> {
  return {
    name: 'VolumeBinding',
    scope: 'local',
    heedsPods: false,

    preFilter({ pod, hasVolumes }, { listers }) {
      if (!hasVolumes) return SKIP;
      const claims = resolveClaims(pod, listers);
      if ('error' in claims) return claims;
      if ('unresolvable' in claims) {
        return { rejected: { code: 'UnschedulableAndUnresolvable', reasons: [claims.unresolvable] } };
      }
      return claims.any ? claims : SKIP;
    },

    filter(claims, _pod, view, from, to, rejectedBy, self) {
      for (let n = from; n < to; n++) if (volumesOn(claims, view, n).reasons.length > 0) rejectedBy[n] ||= self;
    },

    explain: (claims, _pod, view, n) => ({
      code: 'UnschedulableAndUnresolvable',
      reasons: [...volumesOn(claims, view, n).reasons],
    }),

    reserve(claims, _pod, view, n) {
      const name = view.cluster.nodeAt(n)?.metadata.name;
      const found = volumesOn(claims, view, n);
      if (name === undefined || found.bindings.length + found.provisions.length === 0) return undefined;
      return assumePodVolumes(found, name, view.listers);
    },
  };
}

function volumesOn({ bound, waiting }: Claims, { cluster, listers }: View, n: number): PodVolumes {
  const node = cluster.nodeAt(n);
  return node ? findPodVolumes(bound, waiting, node, listers) : { reasons: [], bindings: [], provisions: [] };
}
