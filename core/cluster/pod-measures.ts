/** What a pod asks for and holds, flat: amounts by resource id, rounded once per pod (semantics 2.4), and host ports. */
import {
  hasPodLevelRequests,
  isScalarResource,
  NON_ZERO_DEFAULTS,
  podRequests,
  type Requests,
} from '../objects/pod-requests.ts';
import { milliUnitsOf, unitsOf } from '../objects/quantity.ts';
import { type Container, isTerminating, namespaceOf, type Pod, priorityOf } from '../objects/types.ts';
import { CPU, EPHEMERAL_STORAGE, MEMORY, WIDE_FROM } from './columns.ts';

/** Amounts by resource id, exact; only kept for pods whose amounts do not fit a double. */
export interface ExactAmounts {
  requests: bigint[];
  accounted: bigint[];
  nonZero: [bigint, bigint];
  scoreRequests: bigint[];
}

export interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

export interface PodMeasures {
  readonly namespace: string;
  readonly priority: number;
  readonly terminating: boolean;
  /** As filters count it: [resource id]; millicores, bytes, units. Ids beyond its length are 0. */
  readonly requests: Float64Array;
  /** As it counts once it sits on a node: in-place resize included. The same array where that makes no difference. */
  readonly accounted: Float64Array;
  /** cpu and memory with stand-ins, as it counts on a node: [CPU], [MEMORY]. */
  readonly nonZero: Float64Array;
  /** As the scorer of NodeResourcesFit sees it incoming: stand-ins, no pod-level requests. [resource id] */
  readonly scoreRequests: Float64Array;
  /** Present when some amount is at or above WIDE_FROM. */
  readonly exact: ExactAmounts | undefined;
  readonly hostPorts: readonly HostPort[];
  readonly hasVolumes: boolean;
}

/** Resource name → column; names beyond the fixed ones are interned by the cluster. */
export type ResourceIds = (name: string) => number;

export function measurePod(pod: Pod, scalarId: ResourceIds): PodMeasures {
  const plain = podRequests(pod);
  const onNode = needsStatus(pod) ? podRequests(pod, { useStatus: true }) : plain;
  const exact: ExactAmounts = {
    requests: amounts(plain, scalarId),
    accounted: amounts(onNode, scalarId),
    nonZero: cpuAndMemory(podRequests(pod, { useStatus: true, nonMissing: standIns(pod, onNode) })),
    scoreRequests: amounts(podRequests(pod, { ignorePodLevel: true, nonMissing: NON_ZERO_DEFAULTS }), scalarId),
  };
  const all = [exact.requests, exact.accounted, exact.nonZero, exact.scoreRequests];
  const wide = all.some((list) => list.some((amount) => amount >= BigInt(WIDE_FROM)));
  const requests = Float64Array.from(exact.requests, Number);
  return {
    namespace: namespaceOf(pod),
    priority: priorityOf(pod),
    terminating: isTerminating(pod),
    requests,
    accounted: onNode === plain ? requests : Float64Array.from(exact.accounted, Number),
    nonZero: Float64Array.from(exact.nonZero, Number),
    scoreRequests: Float64Array.from(exact.scoreRequests, Number),
    exact: wide ? exact : undefined,
    hostPorts: hostPortsOf(pod),
    hasVolumes: (pod.spec.volumes ?? []).length > 0,
  };
}

/** In-place resize: what the status says counts as well. */
export function needsStatus(pod: Pod): boolean {
  const { status } = pod;
  return Boolean(
    status?.resources ||
      status?.containerStatuses?.some((container) => container.resources) ||
      status?.initContainerStatuses?.some((container) => container.resources),
  );
}

/** With pod-level requests, a stand-in is used only for what the pod's total does not name (semantics 2.3). */
function standIns(pod: Pod, total: Requests): Requests {
  if (!hasPodLevelRequests(pod)) return NON_ZERO_DEFAULTS;
  return new Map([...NON_ZERO_DEFAULTS].filter(([name]) => !total.has(name)));
}

function amounts(requests: Requests, scalarId: ResourceIds): bigint[] {
  const list = [0n, 0n, 0n];
  for (const [name, nano] of requests) {
    if (name === 'cpu') list[CPU] = milliUnitsOf(nano);
    else if (name === 'memory') list[MEMORY] = unitsOf(nano);
    else if (name === 'ephemeral-storage') list[EPHEMERAL_STORAGE] = unitsOf(nano);
    else if (isScalarResource(name)) {
      const id = scalarId(name);
      while (list.length <= id) list.push(0n);
      list[id] = unitsOf(nano);
    }
  }
  return list;
}

function cpuAndMemory(requests: Requests): [bigint, bigint] {
  return [milliUnitsOf(requests.get('cpu') ?? 0n), unitsOf(requests.get('memory') ?? 0n)];
}

/** Host ports of sidecars and regular containers, with defaults filled in. */
export function hostPortsOf(pod: Pod): HostPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  const ports: HostPort[] = [];
  const collect = ({ ports: declared }: Container): void => {
    for (const { hostPort, hostIP, protocol } of declared ?? []) {
      if (hostPort && hostPort > 0)
        ports.push({ ip: hostIP || '0.0.0.0', protocol: protocol || 'TCP', port: hostPort });
    }
  };
  for (const container of sidecars) collect(container);
  for (const container of pod.spec.containers ?? []) collect(container);
  return ports;
}

/** The exact amounts of any pod; those of a small one are its doubles. */
export function exactAmountsOf(request: PodMeasures): ExactAmounts {
  const [cpu, memory] = request.nonZero;
  return (
    request.exact ?? {
      requests: Array.from(request.requests, BigInt),
      accounted: Array.from(request.accounted, BigInt),
      nonZero: [BigInt(cpu), BigInt(memory)],
      scoreRequests: Array.from(request.scoreRequests, BigInt),
    }
  );
}
