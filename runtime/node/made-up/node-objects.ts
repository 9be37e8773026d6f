/** Nodes that are made up: what their agents report of them. */
import type { KubeObject } from '../../../core/index.ts';
import { timeOf } from '../../events/recorder.ts';

/** More nodes have no pod addresses: each takes 256 of 10.128.0.0/9. */
export const MADE_UP_NODES_LIMIT = 32_768;

/** Since leases of made-up nodes are written rarely, they are long: an idle cluster writes nothing for minutes. */
export const LEASE_SECONDS = 3600;

/** What kubelets announce: the last word of a node that falls silent, so that it is missed when a real one would be. */
export const SILENT_LEASE_SECONDS = 40;

/** A Node with this annotation, whatever it says, is as if its agent had died: no heartbeat, no pod begun or ended. */
export const SILENT_ANNOTATION = 'keelson.dev/made-up-silent';

export function isSilent({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[SILENT_ANNOTATION] !== undefined;
}

const ZONES = ['a', 'b', 'c'];
const CAPACITY = { cpu: '32', memory: '256Gi', 'ephemeral-storage': '1Ti', pods: '110' };

/** 'node-0', 'node-1', … */
export const nodeName = (i: number): string => `node-${i}`;

/** 10.128.0.0 for the first node's pods, and so on. */
export function podAddress(node: number, pod: number): string {
  return `10.${128 + (node >> 8)}.${node & 255}.${pod}`;
}

/** 172.16.0.1 and up. */
const nodeAddress = (i: number): string => `172.${16 + ((i + 1) >> 16)}.${((i + 1) >> 8) & 255}.${(i + 1) & 255}`;

export function nodeObject(i: number, version: string, nowMs: number): KubeObject {
  const name = nodeName(i);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/region': 'made-up',
        'topology.kubernetes.io/zone': `made-up-${ZONES[i % ZONES.length]}`,
        'keelson.dev/made-up': 'true',
      },
    },
    spec: { podCIDR: `${podAddress(i, 0)}/24`, podCIDRs: [`${podAddress(i, 0)}/24`] },
    status: nodeStatus(i, version, nowMs),
  } as KubeObject;
}

export function nodeStatus(i: number, version: string, nowMs: number): object {
  const time = timeOf(nowMs);
  const condition = (type: string, status: string, reason: string, message: string): object => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: time,
    lastTransitionTime: time,
  });
  return {
    capacity: CAPACITY,
    allocatable: CAPACITY,
    addresses: [
      { type: 'InternalIP', address: nodeAddress(i) },
      { type: 'Hostname', address: nodeName(i) },
    ],
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', 'True', 'KubeletReady', 'the made-up node is ready'),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: 'made-up',
      osImage: 'made-up',
      containerRuntimeVersion: 'made-up://1',
      kubeletVersion: version,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
  };
}

export function leaseObject(i: number, nowMs: number, owner: KubeObject): KubeObject {
  const name = nodeName(i);
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: owner.metadata.uid }],
    },
    spec: leaseSpec(i, nowMs),
  } as KubeObject;
}

export function leaseSpec(i: number, nowMs: number, leaseDurationSeconds = LEASE_SECONDS): object {
  const renewTime = new Date(nowMs).toISOString().replace('Z', '000Z');
  return { holderIdentity: nodeName(i), leaseDurationSeconds, renewTime };
}
