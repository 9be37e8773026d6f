/** Volumes of pods, and PersistentVolumes with their claims. Source: Kubernetes v1.36, pkg/apis/core/validation. */
import { parseQuantity } from '../quantity.ts';
import type { Context } from './context.ts';
import { dnsLabel, dnsSubdomain, qualifiedName, quantity, resourceList } from './formats.ts';
import { conditions, labelSelector, metadata, nodeSelector } from './metadata.ts';
import { anything, isAbsent, list, objectAt, oneOf, type PlainObject, type Schema, shape, text } from './schema.ts';

const kept = (words: string): Record<string, Schema> =>
  Object.fromEntries(words.split(' ').map((name) => [name, anything]));

/** Sources with fields a plugin reads are spelled out; the others are known and kept. */
const diskSources: Record<string, Schema> = {
  gcePersistentDisk: shape('pdName:text fsType:text partition:int readOnly:bool', {}, { required: ['pdName'] }),
  awsElasticBlockStore: shape('volumeID:text fsType:text partition:int readOnly:bool', {}, { required: ['volumeID'] }),
  azureDisk: shape(
    'diskName:text diskURI:text cachingMode:text fsType:text readOnly:bool kind:text',
    {},
    {
      required: ['diskName', 'diskURI'],
    },
  ),
  iscsi: shape(
    'targetPortal:text iqn:text lun:int iscsiInterface:text fsType:text readOnly:bool portals:texts ' +
      'chapAuthDiscovery:bool chapAuthSession:bool secretRef initiatorName:text',
    {},
    { required: ['iqn'] },
  ),
  rbd: shape(
    'monitors:texts image:text fsType:text pool:text user:text keyring:text secretRef readOnly:bool',
    {},
    {
      required: ['monitors', 'image'],
    },
  ),
  ...kept(
    'hostPath glusterfs nfs cinder cephfs fc flocker flexVolume azureFile vsphereVolume quobyte photonPersistentDisk ' +
      'portworxVolume scaleIO storageos',
  ),
};

const ACCESS_MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];
const accessModes = list(oneOf(...ACCESS_MODES), { min: 1 });
const volumeMode = oneOf('Filesystem', 'Block');

const claimSpecFields: Record<string, Schema> = {
  accessModes,
  selector: labelSelector,
  resources: shape(
    '',
    { requests: resourceList(qualifiedName), limits: resourceList(qualifiedName) },
    { check: checkClaimSize },
  ),
  storageClassName: text((name) => (name === '' ? undefined : dnsSubdomain(name))),
  volumeMode,
  volumeAttributesClassName: text((name) => (name === '' ? undefined : dnsSubdomain(name))),
};
export const claimSpec: Schema = shape('volumeName:text dataSource dataSourceRef', claimSpecFields, {
  required: ['accessModes', 'resources'],
});

function checkClaimSize(resources: PlainObject, context: Context): void {
  const storage = objectAt(resources, 'requests')?.storage;
  if (storage === undefined || storage === null) context.error('is required', 'requests', 'storage');
  else if ((typeof storage === 'string' || typeof storage === 'number') && parseQuantity(storage) === 0n) {
    context.error('must be more than 0', 'requests', 'storage');
  }
}

const volumeSources: Record<string, Schema> = {
  ...diskSources,
  ...kept('gitRepo secret downwardAPI configMap projected'),
  emptyDir: shape('medium:text', { sizeLimit: quantity() }),
  persistentVolumeClaim: shape('readOnly:bool', { claimName: text(dnsSubdomain) }, { required: ['claimName'] }),
  csi: shape(
    'driver:text readOnly:bool fsType:text volumeAttributes:pairs nodePublishSecretRef',
    {},
    {
      required: ['driver'],
    },
  ),
  ephemeral: shape(
    '',
    {
      volumeClaimTemplate: shape(
        '',
        { metadata: metadata(dnsSubdomain, { template: true }), spec: claimSpec },
        { required: ['spec'] },
      ),
    },
    { required: ['volumeClaimTemplate'] },
  ),
  image: shape('reference:text pullPolicy:text'),
};

export const podVolumes: Schema = list(
  shape('', { name: text(dnsLabel), ...volumeSources }, { required: ['name'], check: checkVolumeSource }),
  { unique: ({ name }) => (typeof name === 'string' ? name : undefined), uniqueAt: 'name' },
);

function checkVolumeSource(volume: PlainObject, context: Context): void {
  const sources = Object.keys(volumeSources).filter((source) => objectAt(volume, source));
  if (sources.length > 1) context.error(`has more than one source: ${sources.join(', ')}`);
}

// --- PersistentVolume and PersistentVolumeClaim --------------------------------------------------------------------

const objectReference = shape(
  'kind:text namespace:text name:text uid:text apiVersion:text resourceVersion:text fieldPath:text',
);

const persistentSources: Record<string, Schema> = {
  ...diskSources,
  local: anything,
  csi: shape(
    'driver:text volumeHandle:text readOnly:bool fsType:text volumeAttributes:pairs controllerPublishSecretRef ' +
      'nodeStageSecretRef nodePublishSecretRef controllerExpandSecretRef nodeExpandSecretRef',
    {},
    { required: ['driver', 'volumeHandle'] },
  ),
};

export const persistentVolumeSpec: Schema = shape(
  'mountOptions:texts storageClassName:text volumeAttributesClassName:text',
  {
    ...persistentSources,
    capacity: resourceList(qualifiedName),
    accessModes,
    claimRef: objectReference,
    persistentVolumeReclaimPolicy: oneOf('Retain', 'Delete', 'Recycle', ''),
    volumeMode,
    nodeAffinity: shape('', { required: nodeSelector }),
  },
  { required: ['capacity', 'accessModes'], check: checkPersistentSource },
);

function checkPersistentSource(spec: PlainObject, context: Context): void {
  const sources = Object.keys(persistentSources).filter((source) => !isAbsent(spec, source));
  if (sources.length === 0) context.error('must name a volume source, such as csi or hostPath');
  if (sources.length > 1) context.error(`has more than one source: ${sources.join(', ')}`);
  const capacity = objectAt(spec, 'capacity');
  if (capacity && isAbsent(capacity, 'storage')) context.error('is required', 'capacity', 'storage');
}

export const persistentVolumeStatus: Schema = shape('phase:text message:text reason:text lastPhaseTransitionTime');

export const claimStatus: Schema = shape(
  'phase:text accessModes:texts allocatedResourceStatuses currentVolumeAttributesClassName:text modifyVolumeStatus',
  {
    capacity: resourceList(qualifiedName),
    allocatedResources: resourceList(qualifiedName),
    conditions,
  },
);
