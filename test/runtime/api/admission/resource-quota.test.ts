import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject, Pod, PriorityClass } from '../../../../core/index.ts';
import type { ResourceQuota } from '../../../../runtime/api/admission/quota/quota.ts';
import { recounted, recountQuotas } from '../../../../runtime/api/admission/quota/recount.ts';
import { resourceQuota } from '../../../../runtime/api/admission/quota/resource-quota.ts';
import { FakeView } from '../auth/fake-view.ts';
import { FakeWriter } from './fake-writer.ts';
import { admit, outcomeOf, type RequestOptions } from './requests.ts';

const NOW = Date.parse('2026-11-23T14:00:00Z');
type Spec = NonNullable<ResourceQuota['spec']>;
const quota = (name: string, spec: Spec, used?: Record<string, string>): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { namespace: 'a', name, uid: name, resourceVersion: '1' },
  spec,
  ...(used && { status: { hard: spec.hard, used } }),
});
const object = (apiVersion: string, kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { namespace: 'a', name },
  ...more,
});
const pod = (spec: object = {}, more: object = {}, name = 'web'): Pod =>
  object('v1', 'Pod', name, { spec: { containers: [{ name: 'c' }], ...spec }, ...more }) as Pod;
const sized = (requests: object, limits: object = {}, more: object = {}): Pod =>
  pod({ containers: [{ name: 'c', resources: { requests, limits } }], ...more });
const service = (spec: object): KubeObject => object('v1', 'Service', 's', { spec });
const claim = (storage: string, storageClassName?: string): KubeObject =>
  object('v1', 'PersistentVolumeClaim', 'd', { spec: { storageClassName, resources: { requests: { storage } } } });

interface World {
  plugin: ReturnType<typeof resourceQuota>;
  view: FakeView;
  writer: FakeWriter;
  used(name?: string): unknown;
}
function world(quotas: ResourceQuota[], ...others: KubeObject[]): World {
  const view = new FakeView([...quotas, ...others]);
  const writer = new FakeWriter(quotas);
  const used = (name = 'q'): unknown => (writer.stored.get(name) as ResourceQuota).status?.used;
  return { plugin: resourceQuota(view, writer, () => NOW), view, writer, used };
}

const no = (plural: string, name: string, why: string): string => `403 ${plural} "${name}" is forbidden: ${why}`;
const rows: [string, Spec, Record<string, string>, KubeObject, string, unknown, RequestOptions?][] = [
  ['one pod more', { hard: { pods: '3' } }, { pods: '2' }, pod(), 'done', { pods: '3' }],
  [
    'one pod too many',
    { hard: { pods: '2' } },
    { pods: '2' },
    pod(),
    no('pods', 'web', 'exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'),
    { pods: '2' },
  ],
  [
    'cpu that just fits',
    { hard: { 'requests.cpu': '2' } },
    { 'requests.cpu': '1500m' },
    sized({ cpu: '500m' }),
    'done',
    { 'requests.cpu': '2' },
  ],
  [
    'cpu that does not',
    { hard: { 'requests.cpu': '2' } },
    { 'requests.cpu': '1500m' },
    sized({ cpu: '501m' }),
    no(
      'pods',
      'web',
      'exceeded quota: q, requested: requests.cpu=501m, used: requests.cpu=1500m, limited: requests.cpu=2',
    ),
    { 'requests.cpu': '1500m' },
  ],
  [
    'several at once, only what is exceeded is told',
    { hard: { cpu: '1', memory: '1Gi', pods: '5' } },
    { cpu: '0', memory: '0', pods: '0' },
    sized({ cpu: '2', memory: '2Gi' }),
    no(
      'pods',
      'web',
      'exceeded quota: q, requested: cpu=2,memory=2Gi, used: cpu=0,memory=0, limited: cpu=1,memory=1Gi',
    ),
    { cpu: '0', memory: '0', pods: '0' },
  ],
  [
    'memory keeps its spelling',
    { hard: { 'limits.memory': '4Gi' } },
    { 'limits.memory': '0' },
    sized({}, { memory: '512Mi' }),
    'done',
    { 'limits.memory': '512Mi' },
  ],
  [
    'what a quota bounds must be named',
    { hard: { 'requests.cpu': '2', 'limits.memory': '1Gi' } },
    {},
    pod({ containers: [{ name: 'a' }, { name: 'b', resources: { requests: { cpu: '1' } } }] }),
    no('pods', 'web', 'failed quota: q: must specify limits.memory for: a,b; requests.cpu for: a'),
    undefined,
  ],
  [
    'resources of the pod count for its containers',
    { hard: { 'requests.cpu': '2' } },
    { 'requests.cpu': '0' },
    pod({ resources: { requests: { cpu: '1' } } }),
    'done',
    { 'requests.cpu': '1' },
  ],
  [
    'storage need not be named',
    { hard: { 'requests.ephemeral-storage': '1Gi' } },
    { 'requests.ephemeral-storage': '0' },
    pod(),
    'done',
    { 'requests.ephemeral-storage': '0' },
  ],
  [
    'an extended resource',
    { hard: { 'requests.nvidia.com/gpu': '1' } },
    { 'requests.nvidia.com/gpu': '1' },
    sized({ 'nvidia.com/gpu': '1' }, { 'nvidia.com/gpu': '1' }),
    no(
      'pods',
      'web',
      'exceeded quota: q, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=1, limited: requests.nvidia.com/gpu=1',
    ),
    { 'requests.nvidia.com/gpu': '1' },
  ],
  [
    'huge pages',
    { hard: { 'hugepages-2Mi': '4Mi' } },
    { 'hugepages-2Mi': '0' },
    sized({ 'hugepages-2Mi': '2Mi' }),
    'done',
    { 'hugepages-2Mi': '2Mi' },
  ],
  [
    'the count of pods by its long name',
    { hard: { 'count/pods': '1' } },
    { 'count/pods': '1' },
    pod(),
    no('pods', 'web', 'exceeded quota: q, requested: count/pods=1, used: count/pods=1, limited: count/pods=1'),
    { 'count/pods': '1' },
  ],
  ['an update of a pod', { hard: { pods: '0' } }, { pods: '0' }, pod(), 'done', { pods: '0' }, { old: pod() }],
  ['a subresource', { hard: { pods: '0' } }, { pods: '0' }, pod(), 'done', { pods: '0' }, { subresource: 'binding' }],
  ['another kind', { hard: { pods: '0' } }, { pods: '0' }, object('v1', 'ConfigMap', 'c'), 'done', { pods: '0' }],
  [
    'config maps',
    { hard: { configmaps: '1' } },
    { configmaps: '1' },
    object('v1', 'ConfigMap', 'c'),
    no('configmaps', 'c', 'exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1'),
    { configmaps: '1' },
  ],
  [
    'secrets by both names',
    { hard: { secrets: '5', 'count/secrets': '1' } },
    { secrets: '0', 'count/secrets': '0' },
    object('v1', 'Secret', 's'),
    'done',
    { secrets: '1', 'count/secrets': '1' },
  ],
  [
    'deployments',
    { hard: { 'count/deployments.apps': '1' } },
    { 'count/deployments.apps': '1' },
    object('apps/v1', 'Deployment', 'd'),
    no(
      'deployments.apps',
      'd',
      'exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=1, limited: count/deployments.apps=1',
    ),
    { 'count/deployments.apps': '1' },
  ],
  [
    'a plain service',
    { hard: { services: '1', 'services.nodeports': '0', 'services.loadbalancers': '0' } },
    { services: '0', 'services.nodeports': '0', 'services.loadbalancers': '0' },
    service({ type: 'ClusterIP', ports: [{}] }),
    'done',
    { services: '1', 'services.nodeports': '0', 'services.loadbalancers': '0' },
  ],
  [
    'node ports',
    { hard: { 'services.nodeports': '1' } },
    { 'services.nodeports': '0' },
    service({ type: 'NodePort', ports: [{}, {}] }),
    no(
      'services',
      's',
      'exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1',
    ),
    { 'services.nodeports': '0' },
  ],
  [
    'a load balancer without node ports',
    { hard: { 'services.nodeports': '0', 'services.loadbalancers': '1' } },
    { 'services.nodeports': '0', 'services.loadbalancers': '0' },
    service({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{}] }),
    'done',
    { 'services.nodeports': '0', 'services.loadbalancers': '1' },
  ],
  [
    'a service that becomes a load balancer',
    { hard: { services: '1', 'services.loadbalancers': '0' } },
    { services: '1', 'services.loadbalancers': '0' },
    service({ type: 'LoadBalancer', ports: [] }),
    no(
      'services',
      's',
      'exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=0, limited: services.loadbalancers=0',
    ),
    { services: '1', 'services.loadbalancers': '0' },
    { old: service({ type: 'ClusterIP', ports: [] }) },
  ],
  [
    'a service that stops being one',
    { hard: { 'services.loadbalancers': '0' } },
    { 'services.loadbalancers': '1' },
    service({ type: 'ClusterIP', ports: [] }),
    'done',
    { 'services.loadbalancers': '0' },
    { old: service({ type: 'LoadBalancer', ports: [] }) },
  ],
  [
    'storage',
    { hard: { 'requests.storage': '3Gi', persistentvolumeclaims: '2' } },
    { 'requests.storage': '1Gi', persistentvolumeclaims: '1' },
    claim('2Gi'),
    'done',
    { 'requests.storage': '3Gi', persistentvolumeclaims: '2' },
  ],
  [
    'storage of a class',
    { hard: { 'fast.storageclass.storage.k8s.io/requests.storage': '1Gi' } },
    { 'fast.storageclass.storage.k8s.io/requests.storage': '0' },
    claim('2Gi', 'fast'),
    no(
      'persistentvolumeclaims',
      'd',
      'exceeded quota: q, requested: fast.storageclass.storage.k8s.io/requests.storage=2Gi, used: fast.storageclass.storage.k8s.io/requests.storage=0, limited: fast.storageclass.storage.k8s.io/requests.storage=1Gi',
    ),
    { 'fast.storageclass.storage.k8s.io/requests.storage': '0' },
  ],
  [
    'storage of another class',
    { hard: { 'fast.storageclass.storage.k8s.io/requests.storage': '1Gi' } },
    { 'fast.storageclass.storage.k8s.io/requests.storage': '0' },
    claim('2Gi', 'slow'),
    'done',
    { 'fast.storageclass.storage.k8s.io/requests.storage': '0' },
  ],
  [
    'a claim that grows',
    { hard: { 'requests.storage': '3Gi' } },
    { 'requests.storage': '2Gi' },
    claim('3Gi'),
    'done',
    { 'requests.storage': '3Gi' },
    { old: claim('2Gi') },
  ],
];
for (const [name, spec, used, what, expected, after, options] of rows) {
  test(`ResourceQuota: ${name}`, async () => {
    const { plugin, used: usedOf } = world([quota('q', spec, used)]);
    assert.is(await outcomeOf(plugin, what, options), expected);
    assert.equal(usedOf(), after ?? used);
  });
}

const high = { priorityClassName: 'high' };
const inClass = (operator: string, ...values: string[]): Spec => ({
  hard: { pods: '0' },
  scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values }] },
});
const anyNamespace = {
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['b'] }] },
};
const scopes: [string, Spec, Pod, boolean][] = [
  [
    'Terminating: a deadline',
    { hard: { pods: '0' }, scopes: ['Terminating'] },
    pod({ activeDeadlineSeconds: 5 }),
    true,
  ],
  ['Terminating: none', { hard: { pods: '0' }, scopes: ['Terminating'] }, pod(), false],
  ['NotTerminating: none', { hard: { pods: '0' }, scopes: ['NotTerminating'] }, pod(), true],
  ['BestEffort: nothing asked for', { hard: { pods: '0' }, scopes: ['BestEffort'] }, pod(), true],
  ['BestEffort: zero asked for', { hard: { pods: '0' }, scopes: ['BestEffort'] }, sized({ cpu: '0' }), true],
  ['BestEffort: a limit', { hard: { pods: '0' }, scopes: ['BestEffort'] }, sized({}, { memory: '1Gi' }), false],
  [
    'BestEffort: other resources do not count',
    { hard: { pods: '0' }, scopes: ['BestEffort'] },
    sized({ 'nvidia.com/gpu': '1' }),
    true,
  ],
  ['NotBestEffort: a request', { hard: { pods: '0' }, scopes: ['NotBestEffort'] }, sized({ cpu: '1' }), true],
  ['two scopes, one missed', { hard: { pods: '0' }, scopes: ['BestEffort', 'Terminating'] }, pod(), false],
  ['PriorityClass as a scope: a class', { hard: { pods: '0' }, scopes: ['PriorityClass'] }, pod(high), true],
  ['PriorityClass as a scope: no class', { hard: { pods: '0' }, scopes: ['PriorityClass'] }, pod(), false],
  ['PriorityClass In', inClass('In', 'high', 'low'), pod(high), true],
  ['PriorityClass In others', inClass('In', 'low'), pod(high), false],
  ['PriorityClass In, none', inClass('In', 'low'), pod(), false],
  ['PriorityClass NotIn', inClass('NotIn', 'low'), pod(high), true],
  ['PriorityClass NotIn, none', inClass('NotIn', 'low'), pod(), true],
  ['PriorityClass DoesNotExist', inClass('DoesNotExist'), pod(), true],
  [
    'CrossNamespacePodAffinity',
    { hard: { pods: '0' }, scopes: ['CrossNamespacePodAffinity'] },
    pod({ affinity: anyNamespace }),
    true,
  ],
  ['CrossNamespacePodAffinity, none', { hard: { pods: '0' }, scopes: ['CrossNamespacePodAffinity'] }, pod(), false],
];
for (const [name, spec, what, counted] of scopes) {
  test(`ResourceQuota scopes: ${name}`, async () => {
    const { plugin } = world([quota('q', spec, { pods: '0' })]);
    assert.is((await outcomeOf(plugin, what)) !== 'done', counted);
  });
}

test('ResourceQuota: a quota with scopes does not speak of other kinds', async () => {
  const { plugin } = world([
    quota('q', { hard: { configmaps: '0', pods: '0' }, scopes: ['BestEffort'] }, { configmaps: '0', pods: '0' }),
  ]);
  assert.is(await outcomeOf(plugin, object('v1', 'ConfigMap', 'c')), 'done');
});

test('ResourceQuota: a new quota counts what is there by itself', async () => {
  const { plugin, used } = world([quota('q', { hard: { pods: '3', 'requests.cpu': '2' } })], {
    ...sized({ cpu: '500m' }),
    metadata: { namespace: 'a', name: 'x' },
  });
  assert.is(await outcomeOf(plugin, sized({ cpu: '1' })), 'done');
  assert.equal(used(), { pods: '2', 'requests.cpu': '1500m' });
});

test('ResourceQuota: all quotas of the namespace count, those of others do not', async () => {
  const other = {
    ...quota('other', { hard: { pods: '0' } }, { pods: '0' }),
    metadata: { namespace: 'b', name: 'other', uid: 'o', resourceVersion: '1' },
  };
  const { plugin, used } = world([
    quota('q', { hard: { pods: '1' } }, { pods: '0' }),
    quota('r', { hard: { 'count/pods': '1' } }, { 'count/pods': '0' }),
    other,
  ]);
  assert.is(await outcomeOf(plugin, pod()), 'done');
  assert.equal([used('q'), used('r'), used('other')], [{ pods: '1' }, { 'count/pods': '1' }, { pods: '0' }]);
  assert.match(await outcomeOf(plugin, pod()), 'exceeded quota: q');
});

test('ResourceQuota: a dry run charges nothing, and is refused all the same', async () => {
  const { plugin, writer } = world([quota('q', { hard: { pods: '1' } }, { pods: '0' })]);
  await admit(plugin, pod(), { dryRun: true });
  assert.is(writer.writes, 0);
  await admit(plugin, pod());
  assert.match(await outcomeOf(plugin, pod(), { dryRun: true }), 'exceeded quota');
});

test('ResourceQuota: a change by somebody else is seen and charged on top of', async () => {
  const { plugin, writer, used } = world([quota('q', { hard: { pods: '3' } }, { pods: '0' })]);
  writer.put(quota('q', { hard: { pods: '3' } }, { pods: '2' }));
  assert.is(await outcomeOf(plugin, pod()), 'done');
  assert.equal(used(), { pods: '3' });
  writer.put(quota('q', { hard: { pods: '3' } }, { pods: '3' }));
  assert.match(await outcomeOf(plugin, pod()), 'exceeded quota');
});

test('ResourceQuota: counting anew gives back what is gone', async () => {
  const running = pod({}, {}, 'running');
  const ended = pod({}, { status: { phase: 'Succeeded' } }, 'ended');
  const stuck = {
    ...pod(),
    metadata: {
      namespace: 'a',
      name: 'stuck',
      deletionTimestamp: '2026-11-23T13:59:00Z',
      deletionGracePeriodSeconds: 30,
    },
  };
  const { view, writer, used } = world(
    [
      quota(
        'q',
        { hard: { pods: '5', 'count/pods': '5', 'count/deployments.apps': '2', 'services.nodeports': '2' } },
        { pods: '5' },
      ),
    ],
    running,
    ended,
    stuck,
    object('apps/v1', 'Deployment', 'd'),
  );
  assert.is(await recountQuotas(view, writer, NOW), 1);
  assert.equal(used(), { pods: '1', 'count/pods': '3', 'count/deployments.apps': '1', 'services.nodeports': '0' });
  writer.flush(view);
  assert.is(await recountQuotas(view, writer, NOW), 0);
  assert.is(recounted(writer.stored.get('q') as ResourceQuota, view, NOW), undefined);
});

test('ResourceQuota: priority classes themselves are not namespaced and not counted', async () => {
  const { plugin } = world([quota('q', { hard: { 'count/priorityclasses.scheduling.k8s.io': '0' } }, {})]);
  const high: PriorityClass = {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'high' },
    value: 1,
  };
  assert.is(await outcomeOf(plugin, high), 'done');
});

test.run();
