/**
 * What is neither a node, a pod nor an owner of pods: namespaces, services, storage, policy, devices.
 * Source: Kubernetes v1.36, pkg/apis/{core,storage,scheduling,policy,resource,node}/validation.
 */
import { tolerations } from './affinity.ts';
import type { Context } from './context.ts';
import { dnsSubdomain, intOrPercent, labels, qualifiedName, quantity, resourceList, time } from './formats.ts';
import { conditions, labelSelector, nodeSelector, topologySelectorTerms } from './metadata.ts';
import {
  bool,
  INT32_MAX,
  int,
  isAbsent,
  list,
  mapOf,
  oneOf,
  type PlainObject,
  type Schema,
  shape,
  text,
  textAt,
} from './schema.ts';
import { persistentVolumeSpec } from './volumes.ts';

export const namespaceFields: Record<string, Schema> = {
  spec: shape('finalizers:texts'),
  status: shape('phase:text conditions'),
};

// --- storage -----------------------------------------------------------------------------------------------------

export const storageClassFields: Record<string, Schema> = {
  provisioner: text(),
  parameters: mapOf(text()),
  mountOptions: list(text()),
  allowVolumeExpansion: bool,
  reclaimPolicy: oneOf('Delete', 'Retain', 'Recycle'),
  volumeBindingMode: oneOf('Immediate', 'WaitForFirstConsumer'),
  allowedTopologies: topologySelectorTerms,
};

const driver = shape(
  '',
  {
    name: text(dnsSubdomain),
    nodeID: text(),
    topologyKeys: list(text(qualifiedName), { unique: () => undefined }),
    allocatable: shape('', { count: int({ min: 0 }) }),
  },
  { required: ['name', 'nodeID'] },
);
export const csiNodeFields: Record<string, Schema> = {
  spec: shape(
    '',
    {
      drivers: list(driver, { unique: ({ name }) => (typeof name === 'string' ? name : undefined), uniqueAt: 'name' }),
    },
    { required: [] },
  ),
};

export const csiDriverFields: Record<string, Schema> = {
  spec: shape(
    'attachRequired:bool podInfoOnMount:bool volumeLifecycleModes:texts storageCapacity:bool fsGroupPolicy:text ' +
      'tokenRequests requiresRepublish:bool seLinuxMount:bool nodeAllocatableUpdatePeriodSeconds:int64 ' +
      'serviceAccountTokenInSecrets:bool preventPodSchedulingIfMissing:bool',
  ),
};

export const csiStorageCapacityFields: Record<string, Schema> = {
  nodeTopology: labelSelector,
  storageClassName: text(dnsSubdomain),
  capacity: quantity(),
  maximumVolumeSize: quantity(),
};

export const volumeAttachmentFields: Record<string, Schema> = {
  spec: shape(
    'attacher:text',
    {
      nodeName: text(dnsSubdomain),
      source: shape(
        '',
        { persistentVolumeName: text(dnsSubdomain), inlineVolumeSpec: persistentVolumeSpec },
        { check: checkAttachmentSource },
      ),
    },
    { required: ['attacher', 'nodeName', 'source'] },
  ),
  status: shape('attached:bool attachmentMetadata:pairs attachError detachError'),
};

function checkAttachmentSource(source: PlainObject, context: Context): void {
  const given = ['persistentVolumeName', 'inlineVolumeSpec'].filter((field) => !isAbsent(source, field));
  if (given.length !== 1) context.error('needs either persistentVolumeName or inlineVolumeSpec');
}

// --- policy ------------------------------------------------------------------------------------------------------

const HIGHEST_USER_PRIORITY = 1_000_000_000;

export const priorityClassFields: Record<string, Schema> = {
  value: int({ max: INT32_MAX }),
  globalDefault: bool,
  description: text(),
  preemptionPolicy: oneOf('PreemptLowerPriority', 'Never'),
};

export function checkPriorityClass(object: PlainObject, context: Context): void {
  const name = textAt((object.metadata ?? {}) as PlainObject, 'name') ?? '';
  const { value } = object;
  if (typeof value === 'number' && value > HIGHEST_USER_PRIORITY && !name.startsWith('system-')) {
    context.error(`${value} is more than ${HIGHEST_USER_PRIORITY}; only system- classes go higher`, 'value');
  }
}

export const podDisruptionBudgetFields: Record<string, Schema> = {
  spec: shape(
    '',
    {
      minAvailable: intOrPercent,
      maxUnavailable: intOrPercent,
      selector: labelSelector,
      unhealthyPodEvictionPolicy: oneOf('IfHealthyBudget', 'AlwaysAllow'),
    },
    {
      check(spec, context) {
        if (!isAbsent(spec, 'minAvailable') && !isAbsent(spec, 'maxUnavailable')) {
          context.error('minAvailable and maxUnavailable exclude each other', 'maxUnavailable');
        }
      },
    },
  ),
  status: shape('observedGeneration:int64 currentHealthy:int desiredHealthy:int expectedPods:int', {
    disruptionsAllowed: int({ min: 0 }),
    disruptedPods: mapOf(time),
    conditions,
  }),
};

export const runtimeClassFields: Record<string, Schema> = {
  handler: text(),
  overhead: shape('', { podFixed: resourceList(qualifiedName) }),
  scheduling: shape('', { nodeSelector: labels, tolerations }),
};

// --- devices: kept for DynamicResources, which may refuse them ------------------------------------------------------

export const claimedDevices: Schema = shape('devices');

export const resourceClaimFields: Record<string, Schema> = {
  spec: claimedDevices,
  status: shape('allocation reservedFor devices'),
};
export const resourceClaimTemplateFields: Record<string, Schema> = {
  spec: shape('metadata', { spec: claimedDevices }, { required: ['spec'] }),
};
export const deviceClassFields: Record<string, Schema> = {
  spec: shape('selectors config extendedResourceName:text'),
};
export const resourceSliceFields: Record<string, Schema> = {
  spec: shape(
    'driver:text pool nodeName:text allNodes:bool devices perDeviceNodeSelection:bool sharedCounters',
    { nodeSelector },
    { required: ['driver', 'pool'] },
  ),
};
