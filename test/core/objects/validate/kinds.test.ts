/** Every other kind: a good one passes without a word, and each rule is broken once. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatProblem } from '../../../../core/errors.ts';
import { validate } from '../../../../core/objects/validate/validate.ts';

type Value = Record<string, unknown>;
const problemsOf = (value: unknown, strict = false): string[] =>
  validate(value, { strict }).problems.map((problem) => formatProblem({ ...problem, object: undefined }));

const template = (spec: Value = {}, labels: Value = { app: 'web' }): Value => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'web' }], ...spec },
});
const selector = { matchLabels: { app: 'web' } };

/** One good object for each kind that is read. */
const good: Record<string, Value> = {
  Node: {
    apiVersion: 'v1',
    spec: { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }], unschedulable: true, podCIDR: '10.0.0.0/24' },
    status: {
      capacity: { cpu: 4, memory: '8Gi', 'attachable-volumes-aws-ebs': 39, 'example.com/gpu': '2' },
      images: [{ names: ['a'], sizeBytes: 1 }],
      nodeInfo: { anything: 'goes' },
    },
  },
  Namespace: { apiVersion: 'v1', spec: { finalizers: ['kubernetes'] } },
  Service: { apiVersion: 'v1', spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] } },
  EndpointSlice: {
    apiVersion: 'discovery.k8s.io/v1',
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true }, hints: { forZones: [{ name: 'a' }] } }],
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
  },
  ReplicationController: { apiVersion: 'v1', spec: { replicas: 2, selector: { app: 'web' }, template: template() } },
  PersistentVolume: {
    apiVersion: 'v1',
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/' } },
  },
  PersistentVolumeClaim: {
    apiVersion: 'v1',
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
  },
  Deployment: { apiVersion: 'apps/v1', spec: { replicas: 0, selector, template: template() } },
  ReplicaSet: { apiVersion: 'apps/v1', spec: { selector, template: template() } },
  StatefulSet: { apiVersion: 'apps/v1', spec: { selector, serviceName: 'web', template: template() } },
  DaemonSet: { apiVersion: 'apps/v1', spec: { selector, template: template() } },
  Job: { apiVersion: 'batch/v1', spec: { template: template({ restartPolicy: 'Never' }) } },
  CronJob: {
    apiVersion: 'batch/v1',
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: template({ restartPolicy: 'OnFailure' }) } } },
  },
  StorageClass: { apiVersion: 'storage.k8s.io/v1', provisioner: 'x', volumeBindingMode: 'WaitForFirstConsumer' },
  CSINode: {
    apiVersion: 'storage.k8s.io/v1',
    spec: { drivers: [{ name: 'd', nodeID: 'n', allocatable: { count: 3 } }] },
  },
  CSIDriver: { apiVersion: 'storage.k8s.io/v1', spec: { storageCapacity: true } },
  CSIStorageCapacity: { apiVersion: 'storage.k8s.io/v1', storageClassName: 'fast', capacity: '1Gi', nodeTopology: {} },
  VolumeAttachment: {
    apiVersion: 'storage.k8s.io/v1',
    spec: { attacher: 'd', nodeName: 'n1', source: { persistentVolumeName: 'pv' } },
  },
  PriorityClass: { apiVersion: 'scheduling.k8s.io/v1', value: 1_000_000_000 },
  PodDisruptionBudget: { apiVersion: 'policy/v1', spec: { minAvailable: '50%', selector } },
  RuntimeClass: { apiVersion: 'node.k8s.io/v1', handler: 'runc', overhead: { podFixed: { cpu: '1' } } },
  ResourceClaim: { apiVersion: 'resource.k8s.io/v1', spec: { devices: { requests: [] } } },
  ResourceClaimTemplate: { apiVersion: 'resource.k8s.io/v1', spec: { spec: { devices: {} } } },
  DeviceClass: { apiVersion: 'resource.k8s.io/v1', spec: { selectors: [] } },
  ResourceSlice: { apiVersion: 'resource.k8s.io/v1', spec: { driver: 'd', pool: {}, nodeName: 'n1' } },
};

const whole = (kind: string, changes: Value = {}): Value => ({
  kind,
  metadata: { name: 'one' },
  ...good[kind],
  ...changes,
});

for (const kind of Object.keys(good)) {
  test(`${kind}: a good one`, () => assert.equal(problemsOf(whole(kind)), []));
  test(`${kind}: a field nobody knows is a warning, and an error when strict`, () => {
    assert.equal(problemsOf(whole(kind, { extra: 1 })), ['warning: extra: unknown field']);
    assert.equal(problemsOf(whole(kind, { extra: 1 }), true), ['extra: unknown field']);
  });
  test(`${kind}: a name is needed`, () => {
    assert.equal(problemsOf(whole(kind, { metadata: {} })), ['metadata.name: is required']);
    assert.equal(problemsOf(whole(kind, { metadata: undefined })), ['metadata: is required']);
  });
  test(`${kind}: a name of 300 characters is one clear error`, () => {
    const problems = problemsOf(whole(kind, { metadata: { name: 'a'.repeat(300) } }));
    assert.is(problems.length, 1);
    assert.match(problems[0], /^metadata\.name: 'a{80}…' has 300 characters; .* at most \d+$/);
  });
}

const bad: { name: string; value: Value; problems: string[] }[] = [
  {
    name: 'a taint without an effect',
    value: whole('Node', { spec: { taints: [{ key: 'a' }] } }),
    problems: ['spec.taints[0].effect: is required'],
  },
  {
    name: 'one taint twice',
    value: whole('Node', { spec: { taints: [1, 2].map((i) => ({ key: 'a', value: `${i}`, effect: 'NoSchedule' })) } }),
    problems: ["spec.taints[1]: duplicate 'a:NoSchedule'"],
  },
  {
    name: 'negative capacity',
    value: whole('Node', { status: { allocatable: { cpu: '-4', memory: '-1Gi' } } }),
    problems: ["status.allocatable.cpu: '-4' is negative", "status.allocatable.memory: '-1Gi' is negative"],
  },
  {
    name: 'a node in a namespace',
    value: whole('Node', { metadata: { name: 'n1', namespace: 'default' } }),
    problems: ['warning: metadata.namespace: a Node does not live in a namespace; it is left out'],
  },
  {
    name: 'a Service named with a digit first',
    value: whole('Service', { metadata: { name: '1web' } }),
    problems: [
      "metadata.name: '1web' is not a DNS-1035 label (a-z, 0-9 and '-', starting with a letter, ending with a letter or digit)",
    ],
  },
  {
    name: 'a namespace with a dot',
    value: whole('Namespace', { metadata: { name: 'a.b' } }),
    problems: [
      "metadata.name: 'a.b' is not a DNS label (a-z, 0-9 and '-', starting and ending with a letter or digit)",
    ],
  },
  {
    name: 'a selector that misses its template',
    value: whole('Deployment', { spec: { selector: { matchLabels: { app: 'db' } }, template: template() } }),
    problems: ['spec.selector: does not match the labels of the template'],
  },
  {
    name: 'a selector of everything',
    value: whole('ReplicaSet', { spec: { selector: {}, template: template() } }),
    problems: ['spec.selector: must not be empty, as it would select every pod'],
  },
  {
    name: 'no selector',
    value: whole('DaemonSet', { spec: { template: template() } }),
    problems: ['spec.selector: is required'],
  },
  {
    name: 'replicas below zero',
    value: whole('Deployment', { spec: { replicas: -1, selector, template: template() } }),
    problems: ['spec.replicas: -1 is less than 0'],
  },
  {
    name: 'a mistake inside a template',
    value: whole('StatefulSet', { spec: { selector, template: template({ priority: 'high' }) } }),
    problems: ["spec.template.spec.priority: 'high' is not a whole number"],
  },
  {
    name: 'a Deployment whose pods end',
    value: whole('Deployment', { spec: { selector, template: template({ restartPolicy: 'Never' }) } }),
    problems: ["spec.template.spec.restartPolicy: 'Never' is not one of Always here"],
  },
  {
    name: 'a Job whose pods never end',
    value: whole('Job', { spec: { template: template() } }),
    problems: ["spec.template.spec.restartPolicy: 'Always' is not one of OnFailure, Never here"],
  },
  {
    name: 'a CronJob with too long a name',
    value: whole('CronJob', { metadata: { name: 'a'.repeat(53) } }),
    problems: [`metadata.name: '${'a'.repeat(53)}' has 53 characters; a CronJob name has at most 52`],
  },
  {
    name: 'a claim of nothing',
    value: whole('PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: 0 } } },
    }),
    problems: ['spec.resources.requests.storage: must be more than 0'],
  },
  {
    name: 'a claim without a size',
    value: whole('PersistentVolumeClaim', { spec: { accessModes: [], resources: {} } }),
    problems: ['spec.accessModes: must not be empty', 'spec.resources.requests.storage: is required'],
  },
  {
    name: 'a volume without a source',
    value: whole('PersistentVolume', { spec: { capacity: { storage: '1' }, accessModes: ['ReadWriteOnce'] } }),
    problems: ['spec: must name a volume source, such as csi or hostPath'],
  },
  {
    name: 'a class that binds sometime',
    value: whole('StorageClass', { volumeBindingMode: 'Later' }),
    problems: ["volumeBindingMode: 'Later' is not one of Immediate, WaitForFirstConsumer"],
  },
  {
    name: 'one driver twice',
    value: whole('CSINode', { spec: { drivers: [1, 2].map(() => ({ name: 'd', nodeID: 'n' })) } }),
    problems: ["spec.drivers[1].name: duplicate 'd'"],
  },
  {
    name: 'a priority above the highest',
    value: whole('PriorityClass', { value: 1_000_000_001 }),
    problems: ['value: 1000000001 is more than 1000000000; only system- classes go higher'],
  },
  {
    name: 'a budget both ways',
    value: whole('PodDisruptionBudget', { spec: { minAvailable: 1, maxUnavailable: '1' } }),
    problems: [
      "spec.maxUnavailable: '1' is neither a whole number nor a percentage",
      'spec.maxUnavailable: minAvailable and maxUnavailable exclude each other',
    ],
  },
  {
    name: 'an attachment of two things',
    value: whole('VolumeAttachment', { spec: { attacher: 'a', nodeName: 'n', source: {} } }),
    problems: ['spec.source: needs either persistentVolumeName or inlineVolumeSpec'],
  },
];
for (const { name, value, problems } of bad) {
  test(`${String(value.kind)}: ${name}`, () => assert.equal(problemsOf(value), problems));
}

const types: { name: string; apiVersion?: unknown; kind?: unknown; problems: string[] }[] = [
  { name: 'a ConfigMap is kept', apiVersion: 'v1', kind: 'ConfigMap', problems: [] },
  { name: 'RBAC is kept', apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', problems: [] },
  { name: 'a custom resource is kept', apiVersion: 'example.com/v1alpha1', kind: 'Anything', problems: [] },
  {
    name: 'devices of an older version are kept',
    apiVersion: 'resource.k8s.io/v1beta1',
    kind: 'ResourceClaim',
    problems: [],
  },
  { name: 'a kind nobody knows', apiVersion: 'v1', kind: 'Foo', problems: ["kind: no kind 'Foo' is known in v1"] },
  {
    name: 'a kind of another group',
    apiVersion: 'v1',
    kind: 'Deployment',
    problems: ["kind: no kind 'Deployment' is known in v1"],
  },
  { name: 'a kind in the wrong case', apiVersion: 'v1', kind: 'pod', problems: ["kind: no kind 'pod' is known in v1"] },
  {
    name: 'a group nobody knows',
    apiVersion: 'apples/v1',
    kind: 'Foo',
    problems: ["kind: no API group 'apples' is known"],
  },
  {
    name: 'a version that is none',
    apiVersion: 'apps/one',
    kind: 'Foo',
    problems: ["kind: 'apps/one' is not an apiVersion"],
  },
  {
    name: 'a version that has gone',
    apiVersion: 'extensions/v1beta1',
    kind: 'Deployment',
    problems: ['kind: Deployment is served as apps/v1, not as extensions/v1beta1'],
  },
  {
    name: 'a budget of an older version',
    apiVersion: 'policy/v1beta1',
    kind: 'PodDisruptionBudget',
    problems: ['kind: PodDisruptionBudget is served as policy/v1, not as policy/v1beta1'],
  },
  { name: 'no apiVersion', kind: 'Pod', problems: ['apiVersion: is required'] },
  { name: 'no kind', apiVersion: 'v1', problems: ['kind: is required'] },
  { name: 'neither', problems: ['apiVersion: is required', 'kind: is required'] },
  { name: 'a number for a kind', apiVersion: 'v1', kind: 7, problems: ['kind: 7 is not a string'] },
  {
    name: 'what every object inherits',
    apiVersion: 'v1',
    kind: 'constructor',
    problems: ["kind: no kind 'constructor' is known in v1"],
  },
];
for (const { name, apiVersion, kind, problems } of types) {
  test(`type: ${name}`, () => assert.equal(problemsOf({ apiVersion, kind, metadata: { name: 'one' } }), problems));
}

const values: { name: string; value: unknown; problem: string }[] = [
  { name: 'a string', value: 'Pod', problem: "'Pod' is not a Kubernetes object" },
  { name: 'nothing', value: null, problem: 'nothing is not a Kubernetes object' },
  { name: 'a list', value: [], problem: 'a list is not a Kubernetes object' },
];
for (const { name, value, problem } of values) {
  test(`value: ${name} is no object`, () => assert.equal(problemsOf(value), [problem]));
}

test('what is nested for ever is refused, not followed', () => {
  const endless: Value = whole('Namespace');
  endless.status = endless;
  assert.equal(problemsOf(endless), ['is nested more than 100 levels deep']);
});

test('fields that are null are absent from the object, and the value stays as it was', () => {
  const value = whole('Namespace', { status: null, spec: { finalizers: null } });
  const { object, problems } = validate(value);
  assert.equal(problems, []);
  assert.equal(object, { ...whole('Namespace'), spec: {} });
  assert.is(value.status, null);
});

test('an object without nulls is the value itself, and one with an error is absent', () => {
  const value = whole('Namespace');
  assert.is(validate(value).object, value);
  assert.is(validate({ ...value, metadata: {} }).object, undefined);
});

test('a key named __proto__ is an unknown field like any other, and pollutes nothing', () => {
  const value: unknown = JSON.parse(
    '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"},"__proto__":{"x":1},"spec":null}',
  );
  const { object, problems } = validate(value);
  assert.equal(problems.map(formatProblem), ['warning: namespace a: __proto__: unknown field']);
  assert.is((object as unknown as Value).x, undefined);
  assert.is(({} as Value).x, undefined);
});

test('a kept object may lack metadata, yet has a name to ask for', () => {
  const { object } = validate({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' });
  assert.equal(object?.metadata, { name: '' });
});

test.run();
