/** PodSpec, PodStatus and pod templates. Source: Kubernetes v1.36, api/core/v1/types.go, pkg/apis/core/validation. */
import { affinity, tolerations, topologySpreadConstraints } from './affinity.ts';
import {
  checkContainers,
  containers,
  ephemeralContainers,
  initContainers,
  resourceRequirements,
} from './containers.ts';
import type { Context } from './context.ts';
import { dnsSubdomain, labels, qualifiedName, resourceList, sysctlName, time } from './formats.ts';
import { conditions, metadata } from './metadata.ts';
import { int, int64, isAbsent, list, oneOf, type PlainObject, type Schema, shape, text } from './schema.ts';
import { podVolumes } from './volumes.ts';

const optionalName = text((name) => (name === '' ? undefined : dnsSubdomain(name)));
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];

const podSpecFields: Record<string, Schema> = {
  nodeName: optionalName,
  schedulerName: optionalName,
  priorityClassName: optionalName,
  runtimeClassName: optionalName,
  preemptionPolicy: oneOf('PreemptLowerPriority', 'Never'),
  priority: int(),
  containers,
  initContainers,
  ephemeralContainers,
  overhead: resourceList(qualifiedName),
  resources: resourceRequirements,
  nodeSelector: labels,
  affinity,
  tolerations,
  topologySpreadConstraints,
  schedulingGates: list(shape('', { name: text(qualifiedName) }, { required: ['name'] }), {
    unique: ({ name }) => (typeof name === 'string' ? name : undefined),
    uniqueAt: 'name',
  }),
  volumes: podVolumes,
  resourceClaims: list(
    shape(
      'name:text resourceClaimName:text resourceClaimTemplateName:text',
      {},
      {
        required: ['name'],
        check: checkClaimSource,
      },
    ),
    { unique: ({ name }) => (typeof name === 'string' ? name : undefined), uniqueAt: 'name' },
  ),
  restartPolicy: oneOf(...RESTART_POLICIES, ''),
  terminationGracePeriodSeconds: int64({ min: 0 }),
  activeDeadlineSeconds: int64({ min: 1 }),
  securityContext: shape(
    'seLinuxOptions windowsOptions runAsUser:int64 runAsGroup:int64 runAsNonRoot:bool supplementalGroups:ints ' +
      'supplementalGroupsPolicy:text fsGroup:int64 fsGroupChangePolicy:text seccompProfile appArmorProfile ' +
      'seLinuxChangePolicy:text',
    {
      sysctls: list(shape('value:text', { name: text(sysctlName) }, { required: ['name', 'value'] }), {
        unique: ({ name }) => (typeof name === 'string' ? name : undefined),
        uniqueAt: 'name',
      }),
    },
  ),
};

function checkClaimSource(claim: PlainObject, context: Context): void {
  const given = ['resourceClaimName', 'resourceClaimTemplateName'].filter((field) => !isAbsent(claim, field));
  if (given.length !== 1) context.error('needs either resourceClaimName or resourceClaimTemplateName');
}

export const podSpec: Schema = shape(
  'dnsPolicy:text serviceAccountName:text serviceAccount:text automountServiceAccountToken:bool hostNetwork:bool ' +
    'hostPID:bool hostIPC:bool shareProcessNamespace:bool imagePullSecrets hostname:text subdomain:text hostAliases ' +
    'dnsConfig readinessGates enableServiceLinks:bool setHostnameAsFQDN:bool os hostUsers:bool ' +
    'hostnameOverride:text schedulingGroup',
  podSpecFields,
  { required: ['containers'], check: checkContainers },
);

const containerStatuses = list(
  shape(
    'name:text state lastState ready:bool restartCount:int image:text imageID:text containerID:text started:bool ' +
      'volumeMounts user allocatedResourcesStatus stopSignal:text',
    {
      resources: shape('claims', { requests: resourceList(qualifiedName), limits: resourceList(qualifiedName) }),
      allocatedResources: resourceList(qualifiedName),
    },
    { required: ['name'] },
  ),
);

export const podStatus: Schema = shape(
  'observedGeneration:int64 message:text reason:text hostIP:text hostIPs podIP:text podIPs qosClass:text ' +
    'ephemeralContainerStatuses resize:text resourceClaimStatuses extendedResourceClaimStatus ' +
    'nodeAllocatableResourceClaimStatuses',
  {
    phase: oneOf('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown', ''),
    nominatedNodeName: optionalName,
    startTime: time,
    conditions,
    containerStatuses,
    initContainerStatuses: containerStatuses,
    resources: shape('claims', { requests: resourceList(qualifiedName), limits: resourceList(qualifiedName) }),
    allocatedResources: resourceList(qualifiedName),
  },
);

/** A template whose pods may restart in one of these ways only. */
export function podTemplate(...restartPolicies: string[]): Schema {
  return shape(
    '',
    { metadata: metadata(dnsSubdomain, { template: true }), spec: podSpec },
    {
      required: ['spec'],
      check(template, context) {
        const spec = template.spec as PlainObject | undefined;
        const policy = (typeof spec === 'object' && spec?.restartPolicy) || 'Always';
        if (typeof policy === 'string' && RESTART_POLICIES.includes(policy) && !restartPolicies.includes(policy)) {
          context.error(`'${policy}' is not one of ${restartPolicies.join(', ')} here`, 'spec', 'restartPolicy');
        }
      },
    },
  );
}
