/** A workload brought to life: a decider that knows nodes, bound pods and Services, and the pods that will come. */
import {
  createDecider,
  type Decider,
  type DeciderKind,
  type Decision,
  defaultProfile,
  type KubeObject,
  Listers,
  type Node,
  Nominator,
  type Pod,
  ScheduleOne,
} from '../core/index.ts';
import { POD_KINDS, type PodKind, type PodKindName } from './pod-kinds.ts';
import type { Workload } from './workloads.ts';

export const SEED = 42;
const NOW_MS = Date.UTC(2026, 0, 1, 12);
const STARTED = new Date(NOW_MS - 3_600_000).toISOString();

/** What the loop needs of a scheduler. */
export interface World {
  scheduler: { schedule(pod: Pod): Decision };
  cluster: Pick<Decider, 'addPod' | 'removePod' | 'assume'>;
  /** Every pod in the order in which the queue hands it out; those that count and those that do not. */
  pods: readonly Pod[];
  /** How many of them count. */
  counted: number;
  /** What happens before pods[at] is taken, in order. */
  events: readonly { at: number; happen(): void }[];
}

/** 'floor' decides nothing: what the loop itself costs. */
export type BenchDecider = DeciderKind | 'floor';

/** @param percentage percentageOfNodesToScore; 0 adapts. @param pods of the measured ones, the first so many. */
export function makeWorld(workload: Workload, kind: BenchDecider, percentage: number, pods: number): World {
  const arrivals = arrivalsOf(workload, pods);
  if (kind === 'floor') return { ...emptyScheduler(), pods: arrivals, counted: pods, events: [] };
  const listers = new Listers();
  const nominated = new Nominator();
  const profiles = [{ ...defaultProfile(), percentageOfNodesToScore: percentage }];
  const decider = createDecider(kind, { listers, profiles, nominated });
  for (const object of objectsOf(workload)) {
    listers.set(object);
    decider.objectChanged(object);
  }
  const { nodes, init, zones, tieRule } = workload;
  for (let i = 0; i < nodes; i++) decider.addNode(makeNode(i, zones));
  const bound: Pod[] = [];
  for (let i = 0; init && i < init.pods; i++) {
    bound.push(boundPod(init.kinds[i % init.kinds.length], `init-${i}`, `node-${i % nodes}`));
  }
  for (const pod of bound) decider.addPod(pod);
  const scheduler = new ScheduleOne({
    decider,
    profiles,
    listers,
    nominated,
    tieRule,
    seed: SEED,
    now: () => NOW_MS,
  });
  return {
    scheduler,
    cluster: decider,
    pods: arrivals,
    counted: pods,
    events: eventsOf(workload, decider, bound, pods),
  };
}

/** Measured pods in order, with those of the churn before every so-manieth: they come with a higher priority. */
function arrivalsOf({ measured, churn }: Workload, pods: number): Pod[] {
  const arrivals: Pod[] = [];
  const templates: Pod[] = [];
  const { shapes } = measured;
  for (let i = 0; i < pods; i++) {
    if (churn && i % churn.every === 0) arrivals.push(makePod(churn.kind, 'sched-2', `churn-${i}`));
    const pod = makePod(measured.kind, 'sched-1', `pod-${i}`, shapes && i % shapes);
    const template = templates[i % (shapes ?? 1)] ?? pod;
    if (measured.templates) templates[i % (shapes ?? 1)] = template;
    arrivals.push(measured.templates ? { ...pod, spec: template.spec } : pod);
  }
  return arrivals;
}

function eventsOf(workload: Workload, decider: Decider, bound: readonly Pod[], pods: number): World['events'] {
  const { nodes, zones, deletePodEvery = 0, replaceNodeEvery = 0 } = workload;
  const byNode = Map.groupBy(bound, (pod) => pod.spec.nodeName);
  const events: { at: number; happen(): void }[] = [];
  let deleted = 0;
  let replaced = 0;
  for (let at = 1; at < pods; at++) {
    if (deletePodEvery > 0 && at % deletePodEvery === 0 && deleted < bound.length) {
      const pod = bound[bound.length - ++deleted];
      events.push({ at, happen: () => decider.removePod(pod) });
    }
    if (replaceNodeEvery > 0 && at % replaceNodeEvery === 0 && replaced < nodes) {
      const name = `node-${replaced}`;
      const node = makeNode(nodes + replaced++, zones);
      const gone = byNode.get(name) ?? [];
      const happen = (): void => {
        for (const pod of gone) decider.removePod(pod);
        decider.removeNode(name);
        decider.addNode(node);
      };
      events.push({ at, happen });
    }
  }
  return events;
}

function objectsOf({ service, namespaces }: Workload): KubeObject[] {
  const objects: KubeObject[] = [];
  const labels = { team: 'devops' };
  for (const name of namespaces ? ['sched-0', 'sched-1'] : []) {
    objects.push({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }
  const spec = { selector: { color: 'blue' } };
  const blue = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'blue', namespace: 'sched-1' }, spec };
  if (service) objects.push(blue);
  return objects;
}

export function makeNode(i: number, zones: readonly string[] = []): Node {
  const name = `node-${i}`;
  const amounts = { cpu: '4', memory: '32Gi', pods: '110' };
  const labels: Record<string, string> = { 'kubernetes.io/hostname': name };
  if (zones.length > 0) labels['topology.kubernetes.io/zone'] = zones[i % zones.length];
  const status = { capacity: amounts, allocatable: amounts };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status };
}

/** @param shape makes it ask for so many thousandths of a cpu and MiB more than its kind. */
export function makePod(kindName: PodKindName, namespace: string, name: string, shape = 0): Pod {
  const kind: PodKind = POD_KINDS[kindName];
  const spec = kind.spec && structuredClone(kind.spec); // Costs more than all the rest, and few kinds need it.
  const requests = shape > 0 ? { cpu: `${100 + (shape % 50)}m`, memory: `${500 + shape}Mi` } : { ...kind.requests };
  const container = { name: 'main', image: 'registry.k8s.io/pause:3.10.1', resources: { requests } };
  // Joined: in one piece, as a decoder leaves it, where a template leaves two and the reader has to put them together.
  const uid = [namespace, name].join('-');
  const metadata = { name, namespace, uid, labels: { ...kind.labels } };
  const fixed = { schedulerName: 'default-scheduler', priority: 0, preemptionPolicy: 'PreemptLowerPriority' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...fixed, ...spec, containers: [container] } };
}

function boundPod(kind: PodKindName, name: string, nodeName: string): Pod {
  const pod = makePod(kind, 'sched-0', name);
  return { ...pod, spec: { ...pod.spec, nodeName }, status: { phase: 'Running', startTime: STARTED } };
}

function emptyScheduler(): Pick<World, 'scheduler' | 'cluster'> {
  const schedule = (pod: Pod): Decision => ({
    pod,
    result: 'scheduled',
    host: 'node-0',
    evaluated: 1,
    feasible: 1,
    unschedulablePlugins: [],
  });
  return { scheduler: { schedule }, cluster: { addPod: () => {}, removePod: () => {}, assume: () => {} } };
}
