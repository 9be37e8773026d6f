/**
 * Claims and volumes: in use they are not deleted, without a class they get the default one, and they grow only where
 * their class allows it. Source: Kubernetes v1.36, plugin/pkg/admission/storage/{storageobjectinuseprotection,
 * storageclass/setdefault,persistentvolume/resize}/admission.go.
 */
import { defaultsContext, nanoOf, type PersistentVolumeClaim, type StorageClass } from '../../../core/index.ts';
import { forbidden } from '../http/status.ts';
import type { ObjectsView } from '../objects-view.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const FINALIZERS: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};
const CLAIMS = 'persistentvolumeclaims';
const OLD_CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate(request) {
    const object = request.object!;
    const finalizer = isWrite(request, 'CREATE') ? FINALIZERS[request.kind.plural] : undefined;
    const present = object.metadata.finalizers ?? [];
    if (!finalizer || present.includes(finalizer)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...present, finalizer] } };
  },
};

/** Of several default classes the newest counts. */
export function defaultStorageClass(view: ObjectsView): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    mutate(request) {
      const claim = request.object as PersistentVolumeClaim;
      if (!isWrite(request, 'CREATE') || request.kind.plural !== CLAIMS || !claim.spec || hasClass(claim)) return claim;
      const found = defaultsContext(view.list('storage.k8s.io', 'storageclasses')).defaultStorageClass;
      const named: PersistentVolumeClaim = {
        ...claim,
        spec: { ...claim.spec, storageClassName: found?.metadata.name },
      };
      return found ? named : claim;
    },
  };
}

/** An empty name asks for no class; only an absent one for the default. */
function hasClass({ metadata, spec }: PersistentVolumeClaim): boolean {
  const named = spec.storageClassName !== undefined && spec.storageClassName !== null;
  return named || Boolean(metadata.annotations && Object.hasOwn(metadata.annotations, OLD_CLASS_ANNOTATION));
}

export function persistentVolumeClaimResize(view: ObjectsView): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    validate(request) {
      if (!isWrite(request, 'UPDATE') || request.kind.plural !== CLAIMS) return;
      const next = request.object as PersistentVolumeClaim;
      const old = request.old as PersistentVolumeClaim;
      if (sizeOf(next) <= sizeOf(old)) return;
      const refuse = (why: string): Error => forbidden('', CLAIMS, request.name, why);
      if (old.status?.phase !== 'Bound') throw refuse('Only bound persistent volume claims can be expanded');
      const name = next.spec.storageClassName ?? next.metadata.annotations?.[OLD_CLASS_ANNOTATION] ?? '';
      const found = name ? (view.get('storage.k8s.io', 'storageclasses', '', name) as ExpandableClass) : undefined;
      if (found?.allowVolumeExpansion) return;
      throw refuse(
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
    },
  };
}

type ExpandableClass = (StorageClass & { allowVolumeExpansion?: boolean }) | undefined;

function sizeOf({ spec }: PersistentVolumeClaim): bigint {
  return nanoOf(spec.resources?.requests?.storage);
}

function isWrite({ operation, kind, subresource, object }: AdmissionRequest, of: string): boolean {
  return operation === of && kind.group === '' && subresource === '' && object !== undefined;
}
