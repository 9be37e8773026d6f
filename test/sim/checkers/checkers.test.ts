import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type {
  Affinity,
  Labels,
  Node,
  Pod,
  PodAffinityTerm,
  TopologySpreadConstraint,
} from '../../../core/objects/types.ts';
import { affinityProblems } from '../../../sim/checkers/affinity.ts';
import { capacityProblems } from '../../../sim/checkers/capacity.ts';
import { Conservation } from '../../../sim/checkers/conservation.ts';
import { Placements } from '../../../sim/checkers/placements.ts';
import { spreadProblems } from '../../../sim/checkers/spread.ts';
import { StepChecker } from '../../../sim/checkers/step-checker.ts';

const node = (name: string, zone?: string, allocatable: Record<string, string> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...(zone ? { zone } : {}) } },
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '3', ...allocatable } },
});

interface PodParts {
  on?: string;
  labels?: Labels;
  annotations?: Labels;
  namespace?: string;
  cpu?: string;
  affinity?: Affinity;
  spread?: TopologySpreadConstraint[];
}
const pod = (
  name: string,
  { on, labels, annotations, namespace = 'default', cpu, affinity, spread }: PodParts = {},
): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels, annotations },
  spec: {
    nodeName: on,
    affinity,
    topologySpreadConstraints: spread,
    containers: [{ name: 'main', resources: { requests: cpu ? { cpu } : {} } }],
  },
});

const zones = [node('a1', 'a'), node('a2', 'a'), node('b1', 'b'), node('bare')];
function placed(pods: Pod[], nodes: Node[] = zones): Placements {
  const placements = new Placements(nodes);
  for (const one of pods) placements.add(one);
  return placements;
}

// --- capacity ---

const gpu = (devices: string, count: number, milli: number, model?: string): Labels => ({
  'alibabacloud.com/gpu-count': String(count),
  'alibabacloud.com/gpu-milli': String(milli),
  'alibabacloud.com/gpu-index': devices,
  ...(model ? { 'alibabacloud.com/gpu-card-model': model } : {}),
});
const gpuNode: Node = {
  ...node('a1', undefined, { 'alibabacloud.com/gpu-count': '2' }),
  metadata: { name: 'a1', labels: { 'alibabacloud.com/gpu-card-model': 'T4' } },
};

const capacities: { name: string; pods: Pod[]; on?: Node; says: string[] }[] = [
  {
    name: 'an exact fit is a fit',
    pods: [pod('p', { on: 'a1', cpu: '3' }), pod('q', { on: 'a1', cpu: '1' })],
    says: [],
  },
  {
    name: 'one millicore too many is too many',
    pods: [pod('p', { on: 'a1', cpu: '3' }), pod('q', { on: 'a1', cpu: '1001m' })],
    says: ['node a1: 4001m of cpu requested, 4 allocatable'],
  },
  {
    name: 'one pod too many is too many',
    pods: ['p', 'q', 'r', 's'].map((name) => pod(name, { on: 'a1' })),
    says: ['node a1: 4 of pods requested, 3 allocatable'],
  },
  {
    name: 'shares fill a device exactly',
    on: gpuNode,
    pods: [
      pod('p', { on: 'a1', annotations: gpu('0', 1, 400) }),
      pod('q', { on: 'a1', annotations: gpu('0', 1, 600) }),
    ],
    says: [],
  },
  {
    name: 'one milli too many of a device',
    on: gpuNode,
    pods: [
      pod('p', { on: 'a1', annotations: gpu('1', 1, 400) }),
      pod('q', { on: 'a1', annotations: gpu('0-1', 2, 601) }),
    ],
    says: ['node a1: device 1 gives 1001 milli'],
  },
  {
    name: 'fewer devices than asked, or one that does not exist',
    on: gpuNode,
    pods: [pod('p', { on: 'a1', annotations: gpu('0', 2, 1000) }), pod('q', { on: 'a1', annotations: gpu('2', 1, 5) })],
    says: ["node a1: pod p got devices '0' and asked for 2", 'node a1: pod q got device 2 of 2'],
  },
  {
    name: 'a model that the pod may not use',
    on: gpuNode,
    pods: [
      pod('p', { on: 'a1', annotations: gpu('0', 1, 5, 'P100|V100') }),
      pod('q', { on: 'a1', annotations: gpu('0', 1, 5, 'P100|T4') }),
    ],
    says: ['node a1: pod p wants P100|V100, not T4'],
  },
];
for (const { name, pods, on = node('a1'), says } of capacities) {
  test(`capacity checker: ${name}`, () => assert.equal(capacityProblems(placed(pods, [on]), 'a1'), says));
}

test('capacity checker: a node that does not exist', () => {
  assert.equal(capacityProblems(placed([]), 'gone'), ['node gone does not exist']);
});

// --- affinity ---

const term = (app: string, topologyKey = 'zone', more: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey,
  labelSelector: { matchLabels: { app } },
  ...more,
});
const to = (...terms: PodAffinityTerm[]): Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const from = (...terms: PodAffinityTerm[]): Affinity => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const db = { app: 'db' };

const affinities: { name: string; there: Pod[]; comes: Pod; on: string; problems: number }[] = [
  {
    name: 'a friend in the same zone',
    there: [pod('db', { on: 'a1', labels: db })],
    comes: pod('p', { affinity: to(term('db')) }),
    on: 'a2',
    problems: 0,
  },
  {
    name: 'a friend in another zone',
    there: [pod('db', { on: 'a1', labels: db })],
    comes: pod('p', { affinity: to(term('db')) }),
    on: 'b1',
    problems: 1,
  },
  {
    name: 'a friend on a node without zones is no reason to refuse the first',
    there: [pod('db', { on: 'bare', labels: db })],
    comes: pod('p', { labels: db, affinity: to(term('db')) }),
    on: 'b1',
    problems: 0,
  },
  {
    name: 'no friend anywhere, and no match of its own',
    there: [],
    comes: pod('p', { affinity: to(term('db')) }),
    on: 'a1',
    problems: 1,
  },
  {
    name: 'the first of its kind may go anywhere',
    there: [],
    comes: pod('p', { labels: db, affinity: to(term('db')) }),
    on: 'a1',
    problems: 0,
  },
  {
    name: 'the second of its kind may not',
    there: [pod('db', { on: 'a1', labels: db })],
    comes: pod('p', { labels: db, affinity: to(term('db')) }),
    on: 'b1',
    problems: 1,
  },
  {
    name: 'a node without the key is never right',
    there: [],
    comes: pod('p', { labels: db, affinity: to(term('db')) }),
    on: 'bare',
    problems: 1,
  },
  {
    name: 'a friend must match every term',
    there: [pod('x', { on: 'a1', labels: db }), pod('y', { on: 'a1', labels: { app: 'web' } })],
    comes: pod('p', { labels: db, affinity: to(term('db'), term('web')) }),
    on: 'a2',
    problems: 2,
  },
  {
    name: 'another namespace is no friend',
    there: [pod('db', { on: 'a1', labels: db, namespace: 'x' })],
    comes: pod('p', { affinity: to(term('db')) }),
    on: 'a2',
    problems: 1,
  },
  {
    name: 'unless the term names it',
    there: [pod('db', { on: 'a1', labels: db, namespace: 'x' })],
    comes: pod('p', { affinity: to(term('db', 'zone', { namespaces: ['x'] })) }),
    on: 'a2',
    problems: 0,
  },
  {
    name: 'or selects it; {} is every namespace',
    there: [pod('db', { on: 'a1', labels: db, namespace: 'x' })],
    comes: pod('p', { affinity: to(term('db', 'zone', { namespaceSelector: {} })) }),
    on: 'a2',
    problems: 0,
  },
  {
    name: 'one that it shuns in the same zone',
    there: [pod('db', { on: 'a1', labels: db })],
    comes: pod('p', { affinity: from(term('db')) }),
    on: 'a2',
    problems: 1,
  },
  {
    name: 'one that it shuns in another zone',
    there: [pod('db', { on: 'a1', labels: db })],
    comes: pod('p', { affinity: from(term('db')) }),
    on: 'b1',
    problems: 0,
  },
  {
    name: 'one that shuns it in the same zone',
    there: [pod('q', { on: 'a1', affinity: from(term('db')) })],
    comes: pod('p', { labels: db }),
    on: 'a2',
    problems: 1,
  },
  {
    name: 'a node without the key has no neighbours',
    there: [pod('db', { on: 'bare', labels: db })],
    comes: pod('p', { affinity: from(term('db')) }),
    on: 'bare',
    problems: 0,
  },
];
for (const { name, there, comes, on, problems } of affinities) {
  test(`affinity checker: ${name}`, () => {
    const target = zones.find(({ metadata }) => metadata.name === on);
    assert.is(affinityProblems(placed(there), comes, target!).length, problems);
  });
}

// --- spread ---

const even = (more: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint[] => [
  { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: db }, ...more },
];
const one = pod('x', { on: 'a1', labels: db });
const spreads: { name: string; there: Pod[]; comes: Pod; on: string; problems: number }[] = [
  {
    name: 'a skew of one is allowed',
    there: [],
    comes: pod('p', { labels: db, spread: even() }),
    on: 'a1',
    problems: 0,
  },
  {
    name: 'a skew of two is not',
    there: [one],
    comes: pod('p', { labels: db, spread: even() }),
    on: 'a2',
    problems: 1,
  },
  {
    name: 'the emptier zone is right',
    there: [one],
    comes: pod('p', { labels: db, spread: even() }),
    on: 'b1',
    problems: 0,
  },
  {
    name: 'a pod that does not match itself adds nothing',
    there: [one],
    comes: pod('p', { spread: even() }),
    on: 'a2',
    problems: 0,
  },
  {
    name: 'a soft constraint may be broken',
    there: [one],
    comes: pod('p', { labels: db, spread: even({ whenUnsatisfiable: 'ScheduleAnyway' }) }),
    on: 'a2',
    problems: 0,
  },
  {
    name: 'a node without the key is never right',
    there: [],
    comes: pod('p', { labels: db, spread: even() }),
    on: 'bare',
    problems: 1,
  },
  {
    name: 'other namespaces do not count',
    there: [{ ...one, metadata: { ...one.metadata, namespace: 'y' } }],
    comes: pod('p', { labels: db, spread: even() }),
    on: 'a2',
    problems: 0,
  },
  {
    name: 'terminating pods do not count',
    there: [{ ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }],
    comes: pod('p', { labels: db, spread: even() }),
    on: 'a2',
    problems: 0,
  },
  {
    name: 'fewer domains than asked for count from 0',
    there: [one, pod('y', { on: 'b1', labels: db })],
    comes: pod('p', { labels: db, spread: even({ minDomains: 3 }) }),
    on: 'a2',
    problems: 1,
  },
  {
    name: 'zones that the pod cannot use do not count',
    there: [one],
    comes: {
      ...pod('p', { labels: db, spread: even() }),
      spec: { ...pod('p', { spread: even() }).spec, nodeSelector: { zone: 'a' } },
    },
    on: 'a2',
    problems: 0,
  },
  {
    name: 'unless the constraint ignores that',
    there: [one],
    comes: {
      ...pod('p', { labels: db }),
      spec: { ...pod('p', { spread: even({ nodeAffinityPolicy: 'Ignore' }) }).spec, nodeSelector: { zone: 'a' } },
    },
    on: 'a2',
    problems: 1,
  },
  {
    name: 'an empty selector counts nobody, yet the pod itself',
    there: [one, { ...one, metadata: { ...one.metadata, name: 'z' } }],
    comes: pod('p', { labels: db, spread: even({ labelSelector: {} }) }),
    on: 'a2',
    problems: 0,
  },
];
for (const { name, there, comes, on, problems } of spreads) {
  test(`spread checker: ${name}`, () => {
    const target = zones.find(({ metadata }) => metadata.name === on);
    assert.is(spreadProblems(placed(there), comes, target!).length, problems);
  });
}

// --- conservation ---

test('conservation checker: a pod that comes, is bound and goes is no problem', () => {
  const conservation = new Conservation();
  assert.equal([...conservation.came('p'), ...conservation.bound('p'), ...conservation.went('p')], []);
  assert.equal(conservation.compare([], []), []);
});

const losses: { name: string; run: (conservation: Conservation) => string[]; says: string[] }[] = [
  { name: 'coming twice', run: (c) => [...c.came('p'), ...c.came('p')], says: ['pod p came twice'] },
  {
    name: 'being bound twice',
    run: (c) => [...c.came('p'), ...c.bound('p'), ...c.bound('p')],
    says: ['pod p is bound and was bound'],
  },
  { name: 'being bound out of nowhere', run: (c) => c.bound('p'), says: ['pod p is bound and was never seen'] },
  {
    name: 'going twice',
    run: (c) => [...c.came('p'), ...c.went('p'), ...c.went('p')],
    says: ['pod p is gone and was gone'],
  },
  {
    name: 'being lost',
    run: (c) => [...c.came('p'), ...c.compare([], [])],
    says: ['pod p is gone and should be waiting'],
  },
  {
    name: 'waiting though bound',
    run: (c) => [...c.came('p'), ...c.bound('p'), ...c.compare([], ['p'])],
    says: ['pod p is waiting and should be bound'],
  },
  {
    name: 'being in two places',
    run: (c) => [...c.came('p'), ...c.bound('p'), ...c.compare(['p'], ['p'])],
    says: ['pod p is bound and waiting at once', 'pod p is waiting and should be bound'],
  },
  { name: 'being made up', run: (c) => c.compare(['p'], []), says: ['pod p never came'] },
];
for (const { name, run, says } of losses) {
  test(`conservation checker: ${name} is a problem`, () => assert.equal(run(new Conservation()), says));
}

// --- all together ---

test('step checker: the first problem stops the program as a bug', () => {
  const checker = new StepChecker(zones);
  checker.came(pod('p'));
  checker.bound(pod('p', { on: 'a1', cpu: '3' }));
  checker.came(pod('q'));
  assert.throws(
    () => checker.bound(pod('q', { on: 'a1', cpu: '2' })),
    /bug: node a1: 5 of cpu requested, 4 allocatable/,
  );
});

test('step checker: who leaves makes room', () => {
  const checker = new StepChecker(zones);
  const first = pod('p', { on: 'a1', cpu: '3' });
  checker.came(first);
  checker.bound(first);
  checker.went(first);
  checker.came(pod('q'));
  checker.bound(pod('q', { on: 'a1', cpu: '2' }));
});

test.run();
