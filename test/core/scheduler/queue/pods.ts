/** Pods, nodes and a queue for the queue's tests. */
import { VirtualClock } from '../../../../core/clock.ts';
import { Listers } from '../../../../core/cluster/listers.ts';
import type { Node, ObjectMeta, Pod, PodSpec, PodStatus, ResourceList, Taint } from '../../../../core/objects/types.ts';
import { type PreEnqueuePlugin, schedulingGates } from '../../../../core/scheduler/plugins/scheduling-gates.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { QueueingHints } from '../../../../core/scheduler/queue/hints/registry.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import type { PendingPod } from '../../../../core/scheduler/queue/pending-pods.ts';
import { SchedulingQueue, type SchedulingQueueOptions } from '../../../../core/scheduler/queue/scheduling-queue.ts';

interface PodParts {
  spec?: Partial<PodSpec>;
  status?: PodStatus;
  metadata?: Partial<ObjectMeta>;
  /** Requests of its only container. */
  asks?: ResourceList;
}

export function pod(name: string, { spec, status, metadata, asks = {} }: PodParts = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, ...metadata },
    spec: { containers: [{ name: 'app', resources: { requests: asks } }], ...spec },
    ...(status && { status }),
  };
}

interface NodeParts {
  has?: ResourceList;
  labels?: Record<string, string>;
  taints?: Taint[];
  unschedulable?: boolean;
}

export function node(name: string, { has, labels, taints, unschedulable }: NodeParts = {}): Node {
  const allocatable = { cpu: '4', memory: '8Gi', pods: '10', ...has };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { taints, unschedulable },
    status: { allocatable },
  };
}

/** Not at a whole second or a whole half minute on purpose. */
export const START_MS = 1_700_000_000_250;

export interface Bench {
  queue: SchedulingQueue;
  clock: VirtualClock;
  nominator: Nominator;
  listers: Listers;
}

export function bench(options: Partial<SchedulingQueueOptions> & { gates?: PreEnqueuePlugin[] } = {}): Bench {
  const clock = new VirtualClock(START_MS);
  const nominator = new Nominator();
  const listers = new Listers();
  const plugins = [schedulingGates, ...(options.gates ?? [])];
  const hints = new QueueingHints([defaultProfile()], listers);
  const queue = new SchedulingQueue({ clock, hints, nominator, preEnqueue: () => plugins, ...options });
  return { queue, clock, nominator, listers };
}

/** 'place: names' for every place that holds a pod, names sorted. */
export function places(queue: SchedulingQueue): Partial<Record<PendingPod['place'], string[]>> {
  const found: Partial<Record<PendingPod['place'], string[]>> = {};
  for (const { pod, place } of queue.pending()) {
    found[place] = [...(found[place] ?? []), pod.metadata.name].sort();
  }
  return found;
}

/** Pops one pod and has it fail by these plugins; none: by an error. */
export function fail(queue: SchedulingQueue, ...unschedulablePlugins: string[]): string | undefined {
  const entry = queue.pop();
  if (entry) queue.addUnschedulableIfNotPresent(entry, { unschedulablePlugins, message: 'no' });
  return entry?.pod.metadata.name;
}
