/** The real node as its agent reports it. Source: Kubernetes v1.36, pkg/kubelet/{kubelet_node_status,nodestatus/setters}.go. */
import { statfsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { KubeObject } from '../../../core/index.ts';
import { listAt, objectAt, type PlainObject } from '../../../core/objects/index.ts';
import { timeOf } from '../../events/recorder.ts';
import type { EngineFacts } from './engine/engine.ts';

export const LEASE_SECONDS = 40;
const PODS_LIMIT = '110';

export interface NodeFacts {
  name: string;
  hostIP: string;
  version: string;
  engine: EngineFacts;
}

/** The first address that others reach this machine at. */
export function hostAddress(): string {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map((address) => ({ ...address, bridge: /^(docker|br-|veth|virbr)/.test(name) })),
  );
  const outside = all.find(({ family, internal, bridge }) => family === 'IPv4' && !internal && !bridge);
  return outside?.address ?? '127.0.0.1';
}

export function nodeObject({ name, engine }: NodeFacts): KubeObject {
  const arch = { x86_64: 'amd64', aarch64: 'arm64' }[engine.architecture] ?? engine.architecture;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': arch,
        'beta.kubernetes.io/os': 'linux',
        'beta.kubernetes.io/arch': arch,
      },
    },
    spec: {},
  } as KubeObject;
}

export function capacityOf({ cpus, memoryBytes, rootDir }: EngineFacts): Record<string, string> {
  return {
    cpu: String(cpus),
    memory: `${Math.floor(memoryBytes / 1024)}Ki`,
    'ephemeral-storage': `${Math.floor(diskBytes(rootDir) / 1024)}Ki`,
    pods: PODS_LIMIT,
  };
}

/** 0 where the engine's directory cannot be seen, as with one in another mount namespace. */
function diskBytes(path: string): number {
  try {
    const { blocks, bsize } = statfsSync(path);
    return blocks * bsize;
  } catch {
    return 0;
  }
}

/** @param usable whether its engine answers. */
export function nodeStatus(
  { name, hostIP, version, engine }: NodeFacts,
  before: KubeObject,
  nowMs: number,
  usable: boolean,
): PlainObject {
  const time = timeOf(nowMs);
  const old = objectAt(before as unknown as PlainObject, 'status') ?? {};
  const condition = (type: string, status: string, reason: string, message: string): PlainObject => {
    const was = listAt(old, 'conditions').find((one) => one.type === type);
    const lastTransitionTime = was?.status === status ? was.lastTransitionTime : time;
    return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime };
  };
  const capacity = capacityOf(engine);
  const arch = { x86_64: 'amd64', aarch64: 'arm64' }[engine.architecture] ?? engine.architecture;
  const own = [
    condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    usable
      ? condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
      : condition('Ready', 'False', 'KubeletNotReady', 'container runtime is down'),
  ];
  const others = listAt(old, 'conditions').filter(({ type }) => !own.some((one) => one.type === type));
  return {
    ...old,
    capacity,
    allocatable: capacity,
    addresses: [
      { type: 'InternalIP', address: hostIP },
      { type: 'Hostname', address: name },
    ],
    conditions: [...others, ...own],
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: engine.kernelVersion,
      osImage: engine.osImage,
      containerRuntimeVersion: `docker://${engine.version}`,
      kubeletVersion: version,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: arch,
    },
  };
}

export function leaseObject(node: KubeObject, nowMs: number): KubeObject {
  const { name, uid } = node.metadata;
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: leaseSpec(name, nowMs),
  } as KubeObject;
}

export function leaseSpec(name: string, nowMs: number): PlainObject {
  const renewTime = new Date(nowMs).toISOString().replace('Z', '000Z');
  return { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime };
}
