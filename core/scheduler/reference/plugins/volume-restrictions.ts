/**
 * VolumeRestrictions: inline disks that cannot be shared on a node, and claims that one pod in the cluster may use.
 * Source: Kubernetes v1.36, plugins/volumerestrictions.
 */
import { namespaceOf, type Volume } from '../../../objects/types.ts';
import {
  claimKeysOf,
  countMounts,
  diskConflicts,
  exclusiveClaims,
  exclusiveDisks,
} from '../../volumes/disk-conflicts.ts';
import { type ReferencePlugin, SKIP, unresolvable, unschedulable } from '../plugin.ts';

interface State {
  disks: Volume[];
  /** Names of the pod's ReadWriteOncePod claims. */
  claims: ReadonlySet<string>;
  /** Mounts of these claims by placed pods. */
  conflicts: number;
}

export const volumeRestrictions: ReferencePlugin<State> = {
  name: 'VolumeRestrictions',

  preFilter({ pod, nodes, listers }) {
    const disks = exclusiveDisks(pod);
    const claims = exclusiveClaims(pod, listers);
    if ('unresolvable' in claims) return { refusal: unresolvable(claims.unresolvable) };
    // Each claim that is in use counts once, however many pods use it.
    const used = new Set<string>();
    if (claims.size > 0)
      for (const node of nodes) for (const other of node.pods) for (const key of claimKeysOf(other)) used.add(key);
    let conflicts = 0;
    for (const name of claims) if (used.has(`${namespaceOf(pod)}/${name}`)) conflicts++;
    return disks.length === 0 && conflicts === 0 ? SKIP : { state: { disks, claims, conflicts } };
  },

  filter({ disks, conflicts }, node) {
    if (node.pods.some((other) => diskConflicts(disks, other))) return unschedulable('node(s) had no available disk');
    if (conflicts <= 0) return undefined;
    return unschedulable(
      'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
    );
  },

  clone: (state) => ({ ...state }),

  shift(state, pod, _node, by) {
    state.conflicts += by * countMounts(pod, state.claims);
  },
};
