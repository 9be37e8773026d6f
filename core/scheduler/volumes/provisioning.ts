/**
 * Whether a new volume for a claim could be made for a node: provisioner, allowed topologies, storage capacity.
 * Source: Kubernetes v1.36, plugins/volumebinding/binder.go, pkg/apis/core/v1/helper.
 */
import type { Listers } from '../../cluster/listers.ts';
import { nanoOf, unitsOf } from '../../objects/quantity.ts';
import { compileLabelSelector, selectorMatches } from '../../objects/selectors.ts';
import type {
  CSIStorageCapacity,
  Labels,
  PersistentVolumeClaim,
  StorageClass,
  TopologySelectorTerm,
} from '../../objects/types.ts';
import { storageClassOf } from './claims.ts';

const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** 'impossible': this class makes none for this node. 'no space': it would, but nothing is left. */
export function checkProvisioning(
  claim: PersistentVolumeClaim,
  labels: Labels | undefined,
  listers: Listers,
): 'possible' | 'impossible' | 'no space' {
  const storageClass = listers.get('StorageClass', storageClassOf(claim));
  if (!storageClass?.provisioner || storageClass.provisioner === NO_PROVISIONER) return 'impossible';
  if (!topologyAllowed(storageClass.allowedTopologies, labels)) return 'impossible';
  return hasEnoughCapacity(storageClass, claim, labels, listers) ? 'possible' : 'no space';
}

/** Terms are ORed, expressions in a term ANDed; a term without expressions allows nothing. */
function topologyAllowed(terms: TopologySelectorTerm[] | undefined, labels: Labels | undefined): boolean {
  if (!terms || terms.length === 0) return true;
  return terms.some(
    ({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.length > 0 &&
      matchLabelExpressions.every(({ key, values }) => {
        const value = labels?.[key];
        return value !== undefined && values.includes(value);
      }),
  );
}

/** Asked only of CSI drivers that publish their capacity. */
function hasEnoughCapacity(
  storageClass: StorageClass,
  claim: PersistentVolumeClaim,
  labels: Labels | undefined,
  listers: Listers,
): boolean {
  const requested = claim.spec.resources?.requests?.storage;
  if (requested === undefined) return true;
  if (!listers.get('CSIDriver', storageClass.provisioner)?.spec?.storageCapacity) return true;
  const bytes = unitsOf(nanoOf(requested));
  for (const capacity of listers.all('CSIStorageCapacity')) {
    if (capacity.storageClassName !== storageClass.metadata.name) continue;
    if (capacityHolds(capacity, bytes) && capacityReaches(capacity, labels)) return true;
  }
  return false;
}

function capacityHolds(capacity: CSIStorageCapacity, bytes: bigint): boolean {
  const limit = capacity.maximumVolumeSize ?? capacity.capacity;
  return limit !== undefined && unitsOf(nanoOf(limit)) >= bytes;
}

function capacityReaches({ nodeTopology }: CSIStorageCapacity, labels: Labels | undefined): boolean {
  const selector = compileLabelSelector(nodeTopology);
  return selector !== undefined && selectorMatches(selector, labels);
}
