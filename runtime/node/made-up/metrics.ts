/**
 * What made-up pods use, for metrics.k8s.io: a tenth of what each container asks for, and a little for the node itself.
 * Source of the shapes: k8s.io/metrics/pkg/apis/metrics/v1beta1/types.go.
 */
import { type KubeObject, nanoOf, type Pod } from '../../../core/index.ts';
import type { ObjectsView } from '../../api/objects-view.ts';
import { timeOf } from '../../events/recorder.ts';

const WINDOW = '15s';
const SHARE = 10n;
const LEAST: Amounts = { cpu: 1_000_000n, memory: 1n << 20n };
const OF_NODE: Amounts = { cpu: 50_000_000n, memory: 200n << 20n };
const NANO = 1_000_000_000n;

/** cpu in billionths, memory in bytes. */
interface Amounts {
  cpu: bigint;
  memory: bigint;
}

/** By '<group>/<plural>', as the server asks for kinds that are not in the store. */
export function metricsSources(view: ObjectsView, now: () => number): Map<string, () => Iterable<KubeObject>> {
  return new Map([
    ['metrics.k8s.io/pods', () => podMetrics(view, now())],
    ['metrics.k8s.io/nodes', () => nodeMetrics(view, now())],
  ]);
}

function* podMetrics(view: ObjectsView, nowMs: number): Iterable<KubeObject> {
  for (const pod of runningPods(view)) {
    const { name, namespace, labels, creationTimestamp } = pod.metadata;
    const containers = pod.spec.containers.map((container) => ({
      name: container.name,
      usage: texts(usageOf(container)),
    }));
    yield metricsObject('PodMetrics', { name, namespace, labels, creationTimestamp }, nowMs, { containers });
  }
}

function* nodeMetrics(view: ObjectsView, nowMs: number): Iterable<KubeObject> {
  const used = new Map<string, Amounts>();
  for (const pod of runningPods(view)) {
    const node = pod.spec.nodeName ?? '';
    const sum = used.get(node) ?? { ...OF_NODE };
    for (const container of pod.spec.containers) {
      const { cpu, memory } = usageOf(container);
      sum.cpu += cpu;
      sum.memory += memory;
    }
    used.set(node, sum);
  }
  for (const { metadata } of view.list('', 'nodes')) {
    const { name, labels, creationTimestamp } = metadata;
    const usage = texts(used.get(name) ?? OF_NODE);
    yield metricsObject('NodeMetrics', { name, labels, creationTimestamp }, nowMs, { usage });
  }
}

function* runningPods(view: ObjectsView): Iterable<Pod> {
  for (const object of view.list('', 'pods')) {
    const pod = object as Pod;
    if (pod.status?.phase === 'Running') yield pod;
  }
}

function usageOf({ resources }: Pod['spec']['containers'][number]): Amounts {
  const { cpu = 0, memory = 0 } = resources?.requests ?? {};
  const asked: Amounts = { cpu: nanoOf(cpu) / SHARE, memory: nanoOf(memory) / NANO / SHARE };
  return {
    cpu: asked.cpu > LEAST.cpu ? asked.cpu : LEAST.cpu,
    memory: asked.memory > LEAST.memory ? asked.memory : LEAST.memory,
  };
}

function texts({ cpu, memory }: Amounts): Record<string, string> {
  return { cpu: `${cpu}n`, memory: `${memory >> 10n}Ki` };
}

function metricsObject(kind: string, metadata: KubeObject['metadata'], nowMs: number, usage: object): KubeObject {
  return {
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind,
    metadata,
    timestamp: timeOf(nowMs),
    window: WINDOW,
    ...usage,
  } as KubeObject;
}
