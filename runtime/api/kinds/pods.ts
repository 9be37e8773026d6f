/**
 * What an API server decides about a pod by itself: its first status, its quality of service, how long it may take to
 * stop. Source: Kubernetes v1.36, pkg/registry/core/pod/strategy.go, pkg/apis/core/helper/qos.
 */
import {
  type KubeObject,
  listAt,
  numberAt,
  objectAt,
  type PlainObject,
  parseQuantity,
  textAt,
} from '../../../core/objects/index.ts';

const COMPUTE = ['cpu', 'memory'];

/** 'Guaranteed', 'Burstable' or 'BestEffort'. */
export function qosClass(spec: PlainObject): string {
  const own = objectAt(spec, 'resources');
  const parts =
    own && amounts(own, 'limits').size + amounts(own, 'requests').size > 0 ? [own] : containerResources(spec);
  const asks = parts.some((part) => amounts(part, 'requests').size + amounts(part, 'limits').size > 0);
  if (!asks) return 'BestEffort';
  const guaranteed = parts.every((part) => {
    const limits = amounts(part, 'limits');
    const requests = amounts(part, 'requests');
    return COMPUTE.every((name) => limits.has(name) && (requests.get(name) ?? limits.get(name)) === limits.get(name));
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function containerResources(spec: PlainObject): PlainObject[] {
  const containers = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')];
  return containers.map((container) => objectAt(container, 'resources') ?? {});
}

/** cpu and memory above zero, in billionths. */
function amounts(resources: PlainObject, which: 'requests' | 'limits'): Map<string, bigint> {
  const found = new Map<string, bigint>();
  for (const name of COMPUTE) {
    const quantity = objectAt(resources, which)?.[name];
    const nano = typeof quantity === 'string' || typeof quantity === 'number' ? parseQuantity(quantity) : undefined;
    if (nano !== undefined && nano > 0n) found.set(name, nano);
  }
  return found;
}

/** A new pod waits, whatever its author wrote. */
export function newPod(pod: KubeObject): KubeObject {
  const spec = objectAt(pod as unknown as PlainObject, 'spec') ?? {};
  const status: PlainObject = { phase: 'Pending', qosClass: qosClass(spec) };
  if (listAt(spec, 'schedulingGates').length > 0) {
    status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
        lastProbeTime: null,
        lastTransitionTime: null,
      },
    ];
  }
  return { ...pod, status } as KubeObject;
}

const GRACE_SECONDS = 30;

/** Seconds between a delete and the end; 0 where nothing runs: not bound yet, or done. */
export function graceSeconds(pod: KubeObject): number {
  const plain = pod as unknown as PlainObject;
  const spec = objectAt(plain, 'spec') ?? {};
  const phase = textAt(objectAt(plain, 'status') ?? {}, 'phase');
  if (!textAt(spec, 'nodeName') || phase === 'Failed' || phase === 'Succeeded') return 0;
  return numberAt(spec, 'terminationGracePeriodSeconds') ?? GRACE_SECONDS;
}
