/** What the API server, admission and controllers fill in, one rule a row. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyDefaults, defaultsContext } from '../../../core/objects/defaults.ts';
import type { Container, KubeObject, Pod, PodSpec, PriorityClass, Toleration } from '../../../core/objects/types.ts';

type Value = Record<string, unknown>;
const object = (apiVersion: string, kind: string, rest: Value = {}): KubeObject =>
  ({ apiVersion, kind, metadata: { name: 'one' }, ...rest }) as unknown as KubeObject;

/** The spec of a pod once defaults are in. */
function filled(spec: Partial<PodSpec>, { labels = {}, others = [] as KubeObject[] } = {}): PodSpec {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', labels },
    spec: { containers: [{ name: 'main', image: 'web' }], ...spec },
  };
  return applyDefaults(pod, defaultsContext(others)).spec;
}
const container = (parts: Partial<Container>): Partial<PodSpec> => ({
  containers: [{ name: 'main', image: 'web', ...parts }],
});
const first = (spec: PodSpec): Container => spec.containers[0];

// --- all kinds -----------------------------------------------------------------------------------------------------

const kinds: { name: string; object: KubeObject; path: string[]; value: unknown }[] = [
  {
    name: 'a namespaced object lives in default',
    object: object('v1', 'Service'),
    path: ['metadata', 'namespace'],
    value: 'default',
  },
  { name: 'a kept one too', object: object('v1', 'ConfigMap'), path: ['metadata', 'namespace'], value: 'default' },
  { name: 'a node does not', object: object('v1', 'Node'), path: ['metadata', 'namespace'], value: undefined },
  {
    name: 'a node loses the namespace it was given',
    object: object('v1', 'Node', { metadata: { name: 'n', namespace: 'x' } }),
    path: ['metadata', 'namespace'],
    value: undefined,
  },
  {
    name: 'a custom resource is left alone',
    object: object('example.com/v1', 'Thing'),
    path: ['metadata', 'namespace'],
    value: undefined,
  },
  {
    name: 'a namespace is labelled with its name',
    object: object('v1', 'Namespace'),
    path: ['metadata', 'labels'],
    value: { 'kubernetes.io/metadata.name': 'one' },
  },
  {
    name: 'allocatable is capacity where it is absent',
    object: object('v1', 'Node', { status: { capacity: { cpu: '4' } } }),
    path: ['status', 'allocatable'],
    value: { cpu: '4' },
  },
  {
    name: 'allocatable is not filled up from capacity',
    object: object('v1', 'Node', { status: { capacity: { cpu: '4', memory: '1' }, allocatable: { cpu: '3' } } }),
    path: ['status', 'allocatable'],
    value: { cpu: '3' },
  },
  {
    name: 'a cordoned node is tainted',
    object: object('v1', 'Node', { spec: { unschedulable: true, taints: [{ key: 'a', effect: 'NoExecute' }] } }),
    path: ['spec', 'taints'],
    value: [
      { key: 'a', effect: 'NoExecute' },
      { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
    ],
  },
  {
    name: 'an open node is not',
    object: object('v1', 'Node', { spec: {} }),
    path: ['spec', 'taints'],
    value: undefined,
  },
  {
    name: 'a storage class binds at once',
    object: object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'x' }),
    path: ['volumeBindingMode'],
    value: 'Immediate',
  },
  {
    name: 'a volume is a file system',
    object: object('v1', 'PersistentVolume', { spec: {} }),
    path: ['spec', 'volumeMode'],
    value: 'Filesystem',
  },
  {
    name: 'a claim is for a file system',
    object: object('v1', 'PersistentVolumeClaim', { spec: {} }),
    path: ['spec', 'volumeMode'],
    value: 'Filesystem',
  },
  {
    name: 'a CSI driver does not track capacity',
    object: object('storage.k8s.io/v1', 'CSIDriver', { spec: {} }),
    path: ['spec', 'storageCapacity'],
    value: false,
  },
  {
    name: 'a priority class preempts',
    object: object('scheduling.k8s.io/v1', 'PriorityClass', { value: 1 }),
    path: ['preemptionPolicy'],
    value: 'PreemptLowerPriority',
  },
  {
    name: 'a Deployment has one replica',
    object: object('apps/v1', 'Deployment', { spec: {} }),
    path: ['spec', 'replicas'],
    value: 1,
  },
  {
    name: 'no replicas stay none',
    object: object('apps/v1', 'ReplicaSet', { spec: { replicas: 0 } }),
    path: ['spec', 'replicas'],
    value: 0,
  },
  {
    name: 'a ReplicationController selects by its template',
    object: object('v1', 'ReplicationController', { spec: { template: { metadata: { labels: { a: 'b' } } } } }),
    path: ['spec', 'selector'],
    value: { a: 'b' },
  },
];
for (const { name, object, path, value } of kinds) {
  test(`defaults: ${name}`, () => {
    const found = path.reduce<unknown>((at, field) => (at as Value | undefined)?.[field], applyDefaults(object));
    assert.equal(found, value);
  });
}

const storageClass = (name: string, more: Value = {}, isDefault = 'true'): KubeObject =>
  object('storage.k8s.io/v1', 'StorageClass', {
    metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': isDefault }, ...more },
  });
const claims: { name: string; spec: Value; classes: KubeObject[]; value: unknown }[] = [
  { name: 'the default class', spec: {}, classes: [storageClass('a', {}, 'false'), storageClass('b')], value: 'b' },
  { name: 'no default class', spec: {}, classes: [storageClass('a', {}, 'false')], value: undefined },
  { name: 'the empty class stays', spec: { storageClassName: '' }, classes: [storageClass('a')], value: '' },
  { name: 'a bound claim needs none', spec: { volumeName: 'pv' }, classes: [storageClass('a')], value: undefined },
  {
    name: 'the newest of two',
    spec: {},
    classes: [
      storageClass('a', { creationTimestamp: '2025-01-01T00:00:00Z' }),
      storageClass('b', { creationTimestamp: '2026-01-01T00:00:00Z' }),
    ],
    value: 'b',
  },
  { name: 'the first by name of two as old', spec: {}, classes: [storageClass('b'), storageClass('a')], value: 'a' },
];
for (const { name, spec, classes, value } of claims) {
  test(`defaults: class of a claim: ${name}`, () => {
    const claim = applyDefaults(object('v1', 'PersistentVolumeClaim', { spec }), defaultsContext(classes));
    assert.is((claim as unknown as { spec: Value }).spec.storageClassName, value);
  });
}

// --- pods: resources -----------------------------------------------------------------------------------------------

const resources: { name: string; given: Value; requests: unknown }[] = [
  {
    name: 'a limit is also the request',
    given: { limits: { cpu: '1', memory: '2Gi' } },
    requests: { cpu: '1', memory: '2Gi' },
  },
  {
    name: 'a request stays',
    given: { limits: { cpu: '1', memory: '1' }, requests: { cpu: '0' } },
    requests: { cpu: '0', memory: '1' },
  },
  { name: 'no limit, no request', given: {}, requests: undefined },
  {
    name: 'a request is rounded up to thousandths',
    given: { requests: { cpu: '100.5m', memory: '1.0001' } },
    requests: { cpu: '101m', memory: '1001m' },
  },
  { name: 'a nano is a thousandth', given: { requests: { cpu: '1n' } }, requests: { cpu: '1m' } },
  {
    name: 'an exact number keeps its spelling',
    given: { requests: { memory: '0.5Gi', cpu: '1e3' } },
    requests: { memory: '0.5Gi', cpu: '1e3' },
  },
];
for (const { name, given, requests } of resources) {
  test(`defaults: resources: ${name}`, () => {
    assert.equal(first(filled(container({ resources: given }))).resources?.requests, requests);
    const init = filled({ initContainers: [{ name: 'i', image: 'x', resources: given }] });
    assert.equal(init.initContainers?.[0].resources?.requests, requests, 'init containers too');
  });
}

const podLevel: { name: string; pod: Value; main?: Value; requests: unknown }[] = [
  { name: 'nothing asked, nothing filled', pod: {}, main: { requests: { cpu: '1' } }, requests: undefined },
  { name: 'limits alone become requests', pod: { limits: { cpu: '2' } }, requests: { cpu: '2' } },
  {
    name: 'what containers ask comes first',
    pod: { limits: { cpu: '2' } },
    main: { requests: { cpu: '1', memory: '5' } },
    requests: { cpu: '1', memory: '5' },
  },
  {
    name: 'requests alone are not filled up',
    pod: { requests: { cpu: '2' } },
    main: { requests: { memory: '5' } },
    requests: { cpu: '2' },
  },
  {
    name: 'other resources are not for pods',
    pod: { limits: { cpu: '2' } },
    main: { limits: { 'example.com/gpu': '1' } },
    requests: { cpu: '2' },
  },
  {
    name: 'huge pages follow the limits of containers',
    pod: { limits: { cpu: '2' } },
    main: { limits: { 'hugepages-2Mi': '4Mi' } },
    requests: { cpu: '2', 'hugepages-2Mi': '4194304' },
  },
];
for (const { name, pod, main, requests } of podLevel) {
  test(`defaults: pod-level resources: ${name}`, () => {
    const spec = filled({ resources: pod, ...container({ resources: main }) });
    assert.equal(spec.resources?.requests, requests);
  });
}

// --- pods: the rest ------------------------------------------------------------------------------------------------

test('defaults: restart policy, scheduler and protocol', () => {
  const spec = filled(container({ ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }] }));
  assert.is(spec.restartPolicy, 'Always');
  assert.is(spec.schedulerName, 'default-scheduler');
  assert.equal(first(spec).ports, [
    { containerPort: 80, protocol: 'TCP' },
    { containerPort: 53, protocol: 'UDP' },
  ]);
});

test('defaults: on the host network a port is a host port', () => {
  const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 0 }, { containerPort: 82, hostPort: 82 }];
  const hostPorts = (spec: Partial<PodSpec>) =>
    first(filled({ ...container({ ports }), ...spec })).ports?.map(({ hostPort }) => hostPort);
  assert.equal(hostPorts({ hostNetwork: true }), [80, 81, 82]);
  assert.equal(hostPorts({}), [undefined, 0, 82]);
});

const high = object('scheduling.k8s.io/v1', 'PriorityClass', {
  metadata: { name: 'high' },
  value: 100,
  preemptionPolicy: 'Never',
});
const usual = (value: number): PriorityClass =>
  object('scheduling.k8s.io/v1', 'PriorityClass', {
    metadata: { name: `usual-${value}` },
    value,
    globalDefault: true,
  }) as PriorityClass;
const priorities: {
  name: string;
  spec: Partial<PodSpec>;
  others?: KubeObject[];
  is: [number | undefined, string | undefined, string];
}[] = [
  { name: 'nothing said', spec: {}, is: [0, undefined, 'PreemptLowerPriority'] },
  { name: 'a class', spec: { priorityClassName: 'high' }, others: [high], is: [100, 'high', 'Never'] },
  {
    name: 'a class of every cluster',
    spec: { priorityClassName: 'system-node-critical' },
    is: [2_000_001_000, 'system-node-critical', 'PreemptLowerPriority'],
  },
  {
    name: 'the other one',
    spec: { priorityClassName: 'system-cluster-critical' },
    is: [2_000_000_000, 'system-cluster-critical', 'PreemptLowerPriority'],
  },
  {
    name: 'a class nobody knows',
    spec: { priorityClassName: 'lost' },
    is: [undefined, 'lost', 'PreemptLowerPriority'],
  },
  { name: 'the global default', spec: {}, others: [usual(7)], is: [7, 'usual-7', 'PreemptLowerPriority'] },
  {
    name: 'the smaller of two global defaults',
    spec: {},
    others: [usual(9), usual(7), usual(8)],
    is: [7, 'usual-7', 'PreemptLowerPriority'],
  },
  {
    name: 'a priority that was computed before',
    spec: { priority: 5 },
    others: [usual(7)],
    is: [5, undefined, 'PreemptLowerPriority'],
  },
  { name: 'a policy of its own', spec: { priority: 5, preemptionPolicy: 'Never' }, is: [5, undefined, 'Never'] },
];
for (const { name, spec, others, is } of priorities) {
  test(`defaults: priority: ${name}`, () => {
    const { priority, priorityClassName, preemptionPolicy } = filled(spec, { others });
    assert.equal([priority, priorityClassName, preemptionPolicy], is);
  });
}

const grace = (...names: string[]): Toleration[] =>
  names.map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }));
const tolerations: { name: string; given?: Toleration[]; added: Toleration[] }[] = [
  { name: 'both are added', added: grace('not-ready', 'unreachable') },
  {
    name: 'what is tolerated already is not',
    given: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
    added: grace('unreachable'),
  },
  {
    name: 'another effect does not cover it',
    given: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoSchedule' }],
    added: grace('not-ready', 'unreachable'),
  },
  { name: 'a toleration of everything covers both', given: [{ operator: 'Exists' }], added: [] },
];
for (const { name, given, added } of tolerations) {
  test(`defaults: tolerations of a lost node: ${name}`, () => {
    assert.equal(filled({ tolerations: given }).tolerations, [...(given ?? []), ...added]);
  });
}

test('defaults: a runtime class brings overhead, a node selector and tolerations', () => {
  const gvisor = object('node.k8s.io/v1', 'RuntimeClass', {
    metadata: { name: 'gvisor' },
    handler: 'runsc',
    overhead: { podFixed: { cpu: '250m' } },
    scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
  });
  const spec = filled({ runtimeClassName: 'gvisor', nodeSelector: { disk: 'ssd' } }, { others: [gvisor] });
  assert.equal(spec.overhead, { cpu: '250m' });
  assert.equal(spec.nodeSelector, { sandbox: 'yes', disk: 'ssd' });
  assert.equal(spec.tolerations?.[0], { key: 'sandbox', operator: 'Exists' });
});

const labels = { app: 'web', 'pod-template-hash': 'abc' };
const inHash = { key: 'pod-template-hash', operator: 'In', values: ['abc'] };
const keys: { name: string; term: Value; selector: unknown }[] = [
  {
    name: 'a key of the pod becomes a requirement',
    term: { labelSelector: {}, matchLabelKeys: ['pod-template-hash'] },
    selector: { matchExpressions: [inHash] },
  },
  { name: 'a key the pod lacks does not', term: { labelSelector: {}, matchLabelKeys: ['zone'] }, selector: {} },
  { name: 'a nil selector stays nil', term: { matchLabelKeys: ['pod-template-hash'] }, selector: undefined },
  {
    name: 'what is merged already is not merged again',
    term: { labelSelector: { matchExpressions: [inHash] }, matchLabelKeys: ['pod-template-hash'] },
    selector: { matchExpressions: [inHash] },
  },
];
for (const { name, term, selector } of keys) {
  test(`defaults: label keys: ${name}`, () => {
    const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', ...term };
    const affinityTerm = { topologyKey: 'zone', ...term };
    const spec = filled(
      {
        topologySpreadConstraints: [constraint],
        affinity: {
          podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [affinityTerm] },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: affinityTerm }],
          },
        },
      },
      { labels },
    );
    assert.equal(spec.topologySpreadConstraints?.[0].labelSelector, selector);
    assert.equal(
      spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0].labelSelector,
      selector,
    );
    const [preferred] = spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    assert.equal(preferred.podAffinityTerm.labelSelector, selector);
  });
}

test('defaults: a mismatching key becomes NotIn', () => {
  const term = { topologyKey: 'zone', labelSelector: {}, mismatchLabelKeys: ['pod-template-hash'] };
  const spec = filled(
    { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
    { labels },
  );
  const [merged] = spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  assert.equal(merged.labelSelector?.matchExpressions, [{ ...inHash, operator: 'NotIn' }]);
});

test.run();
