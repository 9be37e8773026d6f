/**
 * VolumeRestrictions. Filter: no pod on the node holds a disk that the pod needs for itself, and no pod in the cluster a
 * claim that only one may use.
 * Source: Kubernetes v1.36, pkg/scheduler/framework/plugins/volumerestrictions.
 */
import type { Volume } from '../../objects/types.ts';
import { type PackedPlugin, SKIP } from '../framework.ts';
import { claimKeysOf, countMounts, diskConflicts, exclusiveClaims, exclusiveDisks } from '../volumes/disk-conflicts.ts';

interface Facts {
  disks: Volume[];
  claims: ReadonlySet<string>;
  /** Mounts of those claims by placed pods, less what a what-if took away. */
  users: number;
}

const DISK_CONFLICT = 'node(s) had no available disk';
const CLAIM_CONFLICT =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

export function volumeRestrictions(): PackedPlugin<Facts> {
  return {
    name: 'VolumeRestrictions',
    scope: 'shared',

    preFilter({ pod, hasVolumes, namespace }, { cluster, listers }) {
      if (!hasVolumes) return SKIP;
      const claims = exclusiveClaims(pod, listers);
      if ('unresolvable' in claims) {
        return { rejected: { code: 'UnschedulableAndUnresolvable', reasons: [claims.unresolvable] } };
      }
      const wanted = new Set([...claims].map((name) => `${namespace}/${name}`));
      let users = 0;
      if (wanted.size > 0) {
        const used = new Set<string>();
        for (const { request, row } of cluster.pods()) {
          if (cluster.nodeAt(row) && request.hasVolumes) for (const key of claimKeysOf(request.pod)) used.add(key);
        }
        users = wanted.intersection(used).size;
      }
      const disks = exclusiveDisks(pod);
      return disks.length === 0 && users === 0 ? SKIP : { disks, claims, users };
    },

    filter({ disks, users }, _pod, { cluster }, from, to, rejectedBy, self) {
      for (let n = from; n < to; n++) {
        if (users > 0 || (disks.length > 0 && holdsDisk(disks, cluster.podsOn(n)))) rejectedBy[n] ||= self;
      }
    },

    explain({ disks }, _pod, { cluster }, n) {
      const conflict = disks.length > 0 && holdsDisk(disks, cluster.podsOn(n));
      return { code: 'Unschedulable', reasons: [conflict ? DISK_CONFLICT : CLAIM_CONFLICT] };
    },

    shift(facts, _pod, _view, other, _n, by) {
      // By name alone, whatever the namespace: as in kube-scheduler.
      if (other.hasVolumes) facts.users += by * countMounts(other.pod, facts.claims);
    },
  };
}

function holdsDisk(
  disks: Volume[],
  placed: readonly { request: { pod: Parameters<typeof diskConflicts>[1]; hasVolumes: boolean } }[],
): boolean {
  return placed.some(({ request }) => request.hasVolumes && diskConflicts(disks, request.pod));
}
