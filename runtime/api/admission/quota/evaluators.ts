/**
 * What one object uses of the resources that quotas can bound, kind by kind; any other kind counts as one object.
 * Source: Kubernetes v1.36, pkg/quota/v1/evaluator/core/{pods,services,persistent_volume_claims}.go,
 * apiserver/pkg/quota/v1/generic/evaluator.go.
 */
import type { Container, KubeObject, PersistentVolumeClaim, Pod, ResourceList } from '../../../../core/index.ts';
import { type Amount, type Amounts, amountOf, countOf, ONE } from '../amount.ts';
import { limitsOf, requestsOf } from '../pod-amounts.ts';

export interface Evaluator {
  /** Updates of this kind change what is used. */
  countsUpdates: boolean;
  /** Quotas that name one of these resources speak of this kind. */
  measures(resource: string): boolean;
  /** @param nowMs pods that should have been gone by then are not counted. */
  usage(object: KubeObject, nowMs: number): Map<string, Amount>;
  /** Why the object may not be made under a quota of these resources; undefined if it may. */
  constraint?(object: KubeObject, resources: ReadonlySet<string>): string | undefined;
}

/** Kinds that quotas knew by their plural before there were counts of every kind. */
const OLD_COUNTS: readonly string[] = ['configmaps', 'secrets', 'replicationcontrollers', 'resourcequotas'];

export function evaluatorOf(group: string, plural: string): Evaluator {
  if (group === '' && plural === 'pods') return pods;
  if (group === '' && plural === 'services') return services;
  if (group === '' && plural === 'persistentvolumeclaims') return claims;
  const names = [countName(group, plural), ...(group === '' && OLD_COUNTS.includes(plural) ? [plural] : [])];
  return {
    countsUpdates: false,
    measures: (resource) => names.includes(resource),
    usage: () => new Map(names.map((name) => [name, ONE])),
  };
}

function countName(group: string, plural: string): string {
  return `count/${plural}${group ? `.${group}` : ''}`;
}

// --- pods ------------------------------------------------------------------------------------------------------------

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const POD_RESOURCES: ReadonlySet<string> = new Set([
  'pods',
  'count/pods',
  ...COMPUTE.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
/** Where a quota bounds one of these, every container has to name it. */
const REQUIRED = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

const pods: Evaluator = {
  countsUpdates: false,
  measures: (resource) =>
    POD_RESOURCES.has(resource) ||
    resource.startsWith('hugepages-') ||
    resource.startsWith('requests.hugepages-') ||
    (resource.startsWith('requests.') && isExtended(resource.slice('requests.'.length))),
  usage(object, nowMs) {
    const pod = object as Pod;
    const used = new Map<string, Amount>([['count/pods', ONE]]);
    if (!isRunning(pod, nowMs)) return used;
    used.set('pods', ONE);
    for (const [name, amount] of computeUsage(requestsOf(pod), limitsOf(pod))) used.set(name, amount);
    return used;
  },
  constraint(object, resources) {
    const { spec } = object as Pod;
    const required = [...resources].filter((name) => REQUIRED.has(name)).sort();
    const ofPod = namesOf(spec.resources);
    const containers = [...spec.containers, ...(spec.initContainers ?? [])];
    const missing = required.flatMap((name) => {
      if (ofPod.has(name)) return [];
      const lacking = containers.filter(({ resources }) => !namesOf(resources).has(name)).map((one) => one.name);
      return lacking.length > 0 ? [`${name} for: ${lacking.sort().join(',')}`] : [];
    });
    return missing.length > 0 ? `must specify ${missing.join('; ')}` : undefined;
  },
};

/** Ended pods use nothing; neither do those that their grace period has been over for. */
function isRunning({ metadata, status }: Pod, nowMs: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return true;
  return nowMs <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function namesOf(resources: Container['resources']): Set<string> {
  const amounts = (list: ResourceList | undefined): Amounts =>
    new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, amountOf(quantity)]));
  return new Set(computeUsage(amounts(resources?.requests), amounts(resources?.limits)).keys());
}

function computeUsage(requests: Amounts, limits: Amounts): Map<string, Amount> {
  const used = new Map<string, Amount>();
  for (const [name, amount] of requests) {
    if (COMPUTE.includes(name) || name.startsWith('hugepages-')) used.set(name, amount);
    if (COMPUTE.includes(name) || name.startsWith('hugepages-') || isExtended(name))
      used.set(`requests.${name}`, amount);
  }
  for (const [name, amount] of limits) if (COMPUTE.includes(name)) used.set(`limits.${name}`, amount);
  return used;
}

/** A resource of somebody else's domain: 'vendor.com/gpu'. */
function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

// --- services --------------------------------------------------------------------------------------------------------

const SERVICE_RESOURCES = ['services', 'count/services', 'services.nodeports', 'services.loadbalancers'];

interface ServiceLike extends KubeObject {
  spec?: { type?: string; allocateLoadBalancerNodePorts?: boolean; ports?: { nodePort?: number }[] };
}

const services: Evaluator = {
  countsUpdates: true,
  measures: (resource) => SERVICE_RESOURCES.includes(resource),
  usage(object) {
    const { spec } = object as ServiceLike;
    const ports = spec?.ports ?? [];
    const balanced = spec?.type === 'LoadBalancer';
    const all = spec?.type === 'NodePort' || (balanced && spec.allocateLoadBalancerNodePorts !== false);
    const nodePorts = all ? ports.length : balanced ? ports.filter(({ nodePort }) => nodePort).length : 0;
    return new Map([
      ['services', ONE],
      ['count/services', ONE],
      ['services.nodeports', countOf(nodePorts)],
      ['services.loadbalancers', countOf(balanced ? 1 : 0)],
    ]);
  },
};

// --- claims ----------------------------------------------------------------------------------------------------------

const CLAIM_RESOURCES = ['persistentvolumeclaims', 'count/persistentvolumeclaims', 'requests.storage'];
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';

const claims: Evaluator = {
  countsUpdates: true,
  measures: (resource) =>
    CLAIM_RESOURCES.includes(resource) ||
    resource.endsWith(`${CLASS_SUFFIX}requests.storage`) ||
    resource.endsWith(`${CLASS_SUFFIX}persistentvolumeclaims`),
  usage(object) {
    const { spec, metadata } = object as PersistentVolumeClaim;
    const className = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName;
    const used = new Map<string, Amount>([
      ['persistentvolumeclaims', ONE],
      ['count/persistentvolumeclaims', ONE],
    ]);
    const storage = spec.resources?.requests?.storage;
    if (storage !== undefined) used.set('requests.storage', amountOf(storage));
    if (!className) return used;
    used.set(`${className}${CLASS_SUFFIX}persistentvolumeclaims`, ONE);
    if (storage !== undefined) used.set(`${className}${CLASS_SUFFIX}requests.storage`, amountOf(storage));
    return used;
  },
};
