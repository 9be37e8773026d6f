/**
 * Random clusters so full that a pod fits hardly anywhere without evictions, and what happens to them meanwhile. Amounts,
 * priorities and start times are few, so that exact fits and ties turn up in every run.
 */
import fc from 'fast-check';
import type { Labels, Node, Pod, PodDisruptionBudget, PodSpec } from '../../core/objects/types.ts';

/** What happens between one preemptor and the next. */
export type FullClusterEvent =
  | { op: 'preemptor'; pod: Pod }
  | { op: 'place'; pod: Pod; node: string }
  | { op: 'nominate'; pod: Pod; node: string }
  | { op: 'delete'; name: string }
  | { op: 'node'; node: Node }
  | { op: 'nodeGone'; name: string }
  | { op: 'budgets'; budgets: PodDisruptionBudget[] }
  | { op: 'wait'; ms: number };

export interface FullCluster {
  nodes: Node[];
  pods: Pod[];
  events: FullClusterEvent[];
}

/** When the first preemptor comes; some pods start later. */
export const FULL_CLUSTER_NOW = Date.UTC(2026, 3, 1, 0, 2);

const NAMES = ['n0', 'n1', 'n2', 'n3', 'n4'];
const ZONE = 'topology.kubernetes.io/zone';

/** Bytes; the wide ones differ by less than doubles tell apart. */
interface Memories {
  nodes: readonly string[];
  pods: readonly string[];
  preemptors: readonly string[];
}
const PLAIN: Memories = { nodes: ['4Gi'], pods: ['0', '1Gi', '2Gi'], preemptors: ['0', '1Gi', '2Gi'] };
const WIDE: Memories = {
  nodes: ['18014398509481986', '18014398509481985', '4Gi'],
  pods: ['9007199254740993', '9007199254740992', '9007199254740991', '1'],
  preemptors: ['1', '2', '9007199254740993'],
};

const nodeOf = (name: string, memories: readonly string[]): fc.Arbitrary<Node> =>
  fc
    .record({
      cpu: fc.constantFrom('2', '3', '4'),
      memory: fc.constantFrom(...memories),
      gpu: fc.constantFrom('0', '1', '2'),
      pods: fc.constantFrom('2', '4', '110'),
      zone: fc.constantFrom('a', 'b'),
      unschedulable: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    })
    .map(({ cpu, memory, gpu, pods, zone, unschedulable }) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { [ZONE]: zone, 'kubernetes.io/hostname': name } },
      spec: { unschedulable },
      status: { allocatable: { cpu, memory, pods, 'example.com/gpu': gpu } },
    }));

const amounts = (memories: readonly string[]): fc.Arbitrary<Record<string, string>> =>
  fc
    .record({
      cpu: fc.constantFrom('0', '500m', '1', '1', '2'),
      memory: fc.constantFrom(...memories),
      gpu: fc.constantFrom('0', '0', '1'),
    })
    .map(({ cpu, memory, gpu }) => ({ cpu, memory, 'example.com/gpu': gpu }));

interface More {
  spec?: Partial<PodSpec>;
  hostPort?: number;
}
const NOTHING = fc.constant<More>({});
/** Mostly nothing, so that mostly amounts alone decide. */
const some: fc.Arbitrary<More> = fc.oneof(
  { weight: 12, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant({ hostPort: 80 }) },
  { weight: 1, arbitrary: fc.constantFrom('app', 'none').map((key) => ({ spec: { affinity: antiAffinity(key) } })) },
);

function antiAffinity(key: string): PodSpec['affinity'] {
  const term = {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: { matchExpressions: [{ key, operator: 'In', values: ['db'] }] },
  };
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
}

const podOf = (
  name: string,
  priorities: readonly number[],
  memories: readonly string[],
  more: fc.Arbitrary<More>,
): fc.Arbitrary<Pod> =>
  fc
    .record({
      requests: amounts(memories),
      priority: fc.constantFrom(...priorities),
      labels: fc.constantFrom<(Labels | undefined)[]>({ app: 'db' }, { app: 'web' }, undefined),
      start: fc.constantFrom(undefined, 0, 0, 1, 5, 'soon'),
      more,
    })
    .map(({ requests, priority, labels, start, more }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, uid: name, namespace: 'default', labels },
      spec: {
        priority,
        containers: [
          {
            name: 'main',
            resources: { requests },
            ...(more.hostPort ? { ports: [{ containerPort: 80, hostPort: more.hostPort }] } : {}),
          },
        ],
        ...more.spec,
      },
      status:
        start === undefined ? {} : { startTime: typeof start === 'string' ? start : `2026-04-01T00:0${start}:00Z` },
    }));

const budgets: fc.Arbitrary<PodDisruptionBudget[]> = fc.array(
  fc
    .record({ app: fc.constantFrom('db', 'web'), allowed: fc.integer({ min: 0, max: 2 }), disrupted: fc.nat(12) })
    .map(({ app, allowed, disrupted }) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: app, namespace: 'default' },
      spec: { selector: { matchLabels: { app } } },
      status: { disruptionsAllowed: allowed, disruptedPods: { [`p${disrupted}`]: '2026-04-01T00:00:00Z' } },
    })),
  { maxLength: 2 },
);

const LOW = [-10, 0, 0, 5];
const HIGH = [0, 5, 10];

/**
 * Few names and makes, so that what was remembered is asked for again.
 * @param alone nothing but amounts decides.
 * @param nodesGo nodes go, and may come again.
 */
export function fullClusters({
  wide = false,
  alone = false,
  pods = 16,
  events = 14,
  nodesGo = false,
} = {}): fc.Arbitrary<FullCluster> {
  const memories = wide ? WIDE : PLAIN;
  const more = alone ? NOTHING : some;
  const number = fc.nat(pods - 1);
  const node = fc.constantFrom(...NAMES);
  return fc
    .record({
      first: podOf('first', HIGH, memories.preemptors, more),
      second: podOf('second', HIGH, memories.preemptors, more),
    })
    .chain(({ first, second }) => {
      const preemptor = fc.constantFrom<FullClusterEvent>(
        { op: 'preemptor', pod: first },
        { op: 'preemptor', pod: second },
      );
      const event: fc.Arbitrary<FullClusterEvent> = fc.oneof(
        { weight: 6, arbitrary: preemptor },
        {
          weight: 2,
          arbitrary: fc
            .tuple(number, node)
            .chain(([i, node]) =>
              podOf(`p${i}`, LOW, memories.pods, more).map((pod): FullClusterEvent => ({ op: 'place', pod, node })),
            ),
        },
        { weight: 1, arbitrary: number.map((i): FullClusterEvent => ({ op: 'delete', name: `p${i}` })) },
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.nat(3), node)
            .chain(([i, node]) =>
              podOf(`w${i}`, [0, 5, 10, 20], memories.pods, more).map(
                (pod): FullClusterEvent => ({ op: 'nominate', pod, node }),
              ),
            ),
        },
        {
          weight: nodesGo ? 3 : 1,
          arbitrary: node
            .chain((name) => nodeOf(name, memories.nodes))
            .map((node): FullClusterEvent => ({ op: 'node', node })),
        },
        { weight: nodesGo ? 1 : 0, arbitrary: node.map((name): FullClusterEvent => ({ op: 'nodeGone', name })) },
        { weight: 1, arbitrary: budgets.map((budgets): FullClusterEvent => ({ op: 'budgets', budgets })) },
        { weight: 1, arbitrary: fc.constantFrom(60_000, 240_000).map((ms): FullClusterEvent => ({ op: 'wait', ms })) },
      );
      return fc.record({
        nodes: fc.tuple(...NAMES.map((name) => nodeOf(name, memories.nodes))),
        pods: fc.tuple(
          ...Array.from({ length: pods }, (_, i) =>
            fc
              .tuple(podOf(`p${i}`, LOW, memories.pods, more), node)
              .map(([pod, nodeName]) => ({ ...pod, spec: { ...pod.spec, nodeName } })),
          ),
        ),
        events: fc.array(event, { minLength: 2, maxLength: events, size: 'max' }),
      });
    });
}
