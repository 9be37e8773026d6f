/** Cells as `kubectl get` prints them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../core/objects/types.ts';
import { behaviourOf } from '../../../../runtime/api/kinds/behaviour.ts';
import { duration, selectorText } from '../../../../runtime/api/kinds/columns/cell.ts';
import { qosClass } from '../../../../runtime/api/kinds/pods.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const metadata = { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' };

function cells(group: string, kind: string, written: object): Record<string, unknown> {
  const object = { apiVersion: 'v1', kind, metadata, ...written } as KubeObject;
  const columns = behaviourOf(group, kind).columns ?? [];
  return Object.fromEntries(columns.map((column) => [column.name, column.cell(object, NOW)]));
}

const DURATIONS: [seconds: number, text: string][] = [
  [-2, '<invalid>'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [150, '2m30s'],
  [599, '9m59s'],
  [600, '10m'],
  [3 * 3600 - 1, '179m'],
  [3 * 3600, '3h'],
  [5 * 3600 + 600, '5h10m'],
  [8 * 3600 + 600, '8h'],
  [47 * 3600, '47h'],
  [50 * 3600, '2d2h'],
  [8 * 86_400 + 3600, '8d'],
  [730 * 86_400, '2y'],
  [731 * 86_400, '2y1d'],
  [8 * 365 * 86_400 + 86_400, '8y'],
];
for (const [seconds, text] of DURATIONS) {
  test(`${seconds} seconds are ${text}`, () => assert.is(duration(seconds * 1000), text));
}

const containers = [
  { name: 'a', image: 'a:1' },
  { name: 'b', image: 'b:1' },
];
const running = { ready: true, state: { running: {} } };
type PodRow = [sentence: string, pod: object, status: string, ready: string];
const PODS: PodRow[] = [
  ['a pod that waits', { spec: { containers }, status: { phase: 'Pending' } }, 'Pending', '0/2'],
  [
    'a gated pod',
    {
      spec: { containers },
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', reason: 'SchedulingGated' }] },
    },
    'SchedulingGated',
    '0/2',
  ],
  [
    'a pod that runs',
    { spec: { containers }, status: { phase: 'Running', containerStatuses: [running, running] } },
    'Running',
    '2/2',
  ],
  [
    'a pod that crashes',
    {
      spec: { containers },
      status: {
        phase: 'Running',
        containerStatuses: [running, { ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
      },
    },
    'CrashLoopBackOff',
    '1/2',
  ],
  [
    'a pod that failed',
    {
      spec: { containers },
      status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 3 } } }] },
    },
    'ExitCode:3',
    '0/2',
  ],
  [
    'a pod killed by a signal',
    {
      spec: { containers },
      status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 137, signal: 9 } } }] },
    },
    'Signal:9',
    '0/2',
  ],
  [
    'a pod before its init container is done',
    {
      spec: { containers, initContainers: [{ name: 'i' }] },
      status: { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { running: {} } }] },
    },
    'Init:0/1',
    '0/2',
  ],
  [
    'a pod whose init container failed',
    {
      spec: { containers, initContainers: [{ name: 'i' }] },
      status: {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'i', state: { terminated: { exitCode: 1, reason: 'Error' } } }],
      },
    },
    'Init:Error',
    '0/2',
  ],
  [
    'a pod with a sidecar',
    {
      spec: { containers, initContainers: [{ name: 's', restartPolicy: 'Always' }] },
      status: {
        phase: 'Running',
        initContainerStatuses: [{ name: 's', started: true, ...running }],
        containerStatuses: [running, running],
      },
    },
    'Running',
    '3/3',
  ],
  [
    'a pod being deleted',
    {
      metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
      spec: { containers },
      status: { phase: 'Running', containerStatuses: [running] },
    },
    'Terminating',
    '1/2',
  ],
];
for (const [sentence, pod, status, ready] of PODS) {
  test(sentence, () => {
    const row = cells('', 'Pod', pod);
    assert.is(row.Status, status);
    assert.is(row.Ready, ready);
    assert.is(row.Age, '60m');
  });
}

test('restarts say when the last one was', () => {
  const ended = { restartCount: 3, lastState: { terminated: { finishedAt: '2026-01-01T00:58:30Z' } } };
  assert.is(cells('', 'Pod', { spec: { containers }, status: { containerStatuses: [ended] } }).Restarts, '3 (90s ago)');
});

test('a cordoned node says so, with its roles', () => {
  const row = cells('', 'Node', {
    metadata: {
      ...metadata,
      labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' },
    },
    spec: { unschedulable: true },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  assert.is(row.Status, 'Ready,SchedulingDisabled');
  assert.is(row.Roles, 'control-plane,worker');
  assert.is(row['Internal-IP'], '<none>');
});

test('a deployment counts its pods', () => {
  const row = cells('apps', 'Deployment', {
    spec: { replicas: 3, selector: { matchLabels: { app: 'a' } } },
    status: { readyReplicas: 2 },
  });
  assert.is(row.Ready, '2/3');
  assert.is(row.Available, 0);
  assert.is(row.Selector, 'app=a');
});

test('a service shows its ports and node ports', () => {
  const ports = [
    { port: 80, nodePort: 30080, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ];
  const row = cells('', 'Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1', ports } });
  assert.is(row['Port(s)'], '80:30080/TCP,53/UDP');
  assert.is(row['External-IP'], '<pending>');
});

test('a selector is written as kubectl takes it', () => {
  const matchExpressions = [
    { key: 'a', operator: 'In', values: ['1', '2'] },
    { key: 'b', operator: 'DoesNotExist' },
  ];
  assert.is(selectorText({ matchLabels: { z: '1' }, matchExpressions }), 'z=1,a in (1,2),!b');
  assert.is(selectorText({}), '<none>');
});

const both = (cpu: string, memory: string) => ({ cpu, memory });
const QOS: [sentence: string, resources: object[], word: string][] = [
  ['nothing asked is best effort', [{}, {}], 'BestEffort'],
  ['limits alone are guaranteed', [{ limits: both('1', '1Gi') }], 'Guaranteed'],
  [
    'equal requests are guaranteed, however written',
    [{ limits: both('1', '1Gi'), requests: both('1000m', '1024Mi') }],
    'Guaranteed',
  ],
  ['a smaller request is burstable', [{ limits: both('1', '1Gi'), requests: both('1', '1Mi') }], 'Burstable'],
  ['one container without limits makes all burstable', [{ limits: both('1', '1Gi') }, {}], 'Burstable'],
  ['a limit on cpu alone is burstable', [{ limits: { cpu: '1' } }], 'Burstable'],
];
for (const [sentence, resources, word] of QOS) {
  test(sentence, () => assert.is(qosClass({ containers: resources.map((one) => ({ resources: one })) }), word));
}

test('every kind with columns draws an empty object without failing', () => {
  for (const [group, kind] of [
    ['', 'Pod'],
    ['', 'Node'],
    ['', 'Service'],
    ['', 'Event'],
    ['', 'Secret'],
    ['', 'Endpoints'],
    ['', 'ResourceQuota'],
    ['', 'PersistentVolume'],
    ['', 'PersistentVolumeClaim'],
    ['apps', 'StatefulSet'],
    ['apps', 'DaemonSet'],
    ['apps', 'ControllerRevision'],
    ['batch', 'Job'],
    ['batch', 'CronJob'],
    ['autoscaling', 'HorizontalPodAutoscaler'],
    ['policy', 'PodDisruptionBudget'],
    ['networking.k8s.io', 'Ingress'],
    ['discovery.k8s.io', 'EndpointSlice'],
    ['storage.k8s.io', 'StorageClass'],
  ]) {
    assert.ok(Object.keys(cells(group, kind, {})).length > 0, kind);
  }
});

type CellRow = [sentence: string, group: string, kind: string, object: object, cells: Record<string, unknown>];
const CELLS: CellRow[] = [
  [
    'an endpoint slice of nobody',
    'discovery.k8s.io',
    'EndpointSlice',
    { addressType: 'IPv4', endpoints: [], ports: [] },
    { AddressType: 'IPv4', Ports: '<unset>', Endpoints: '<unset>', Age: '60m' },
  ],
  [
    'an endpoint slice with a named port and one that is any',
    'discovery.k8s.io',
    'EndpointSlice',
    { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }, { name: 'a' }, {}] },
    { AddressType: 'IPv4', Ports: '80,a,*', Endpoints: '10.0.0.1', Age: '60m' },
  ],
  [
    'a template of pods, whose age nobody asks for',
    '',
    'PodTemplate',
    { template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
    { Containers: 'c', Images: 'i', 'Pod Labels': 'a=b' },
  ],
  [
    'a CSI driver that says nothing',
    'storage.k8s.io',
    'CSIDriver',
    { spec: {} },
    {
      AttachRequired: 'true',
      PodInfoOnMount: 'false',
      StorageCapacity: 'false',
      TokenRequests: '<unset>',
      RequiresRepublish: 'false',
      Modes: '<none>',
      Age: '60m',
    },
  ],
  [
    'a CSI driver that says all',
    'storage.k8s.io',
    'CSIDriver',
    {
      spec: {
        attachRequired: false,
        podInfoOnMount: true,
        storageCapacity: true,
        tokenRequests: [{ audience: 'a' }, { audience: 'b' }],
        requiresRepublish: true,
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      },
    },
    {
      AttachRequired: 'false',
      PodInfoOnMount: 'true',
      StorageCapacity: 'true',
      TokenRequests: 'a,b',
      RequiresRepublish: 'true',
      Modes: 'Persistent,Ephemeral',
      Age: '60m',
    },
  ],
  [
    'space that is left',
    'storage.k8s.io',
    'CSIStorageCapacity',
    { storageClassName: 'fast' },
    { StorageClassName: 'fast', Capacity: '<unset>' },
  ],
  [
    'a volume on its way to a node',
    'storage.k8s.io',
    'VolumeAttachment',
    { spec: { attacher: 'd', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
    { Attacher: 'd', PV: 'v', Node: 'n', Attached: 'false', Age: '60m' },
  ],
  ['a claim that waits', 'resource.k8s.io', 'ResourceClaim', {}, { State: 'pending', Age: '60m' }],
  [
    'a claim in use',
    'resource.k8s.io',
    'ResourceClaim',
    { status: { allocation: {}, reservedFor: [{ name: 'p' }] } },
    { State: 'allocated,reserved', Age: '60m' },
  ],
  [
    'a claim in use that goes',
    'resource.k8s.io',
    'ResourceClaim',
    { metadata: { ...metadata, deletionTimestamp: metadata.creationTimestamp }, status: { allocation: {} } },
    { State: 'deleted,allocated', Age: '60m' },
  ],
  [
    'devices of a node',
    'resource.k8s.io',
    'ResourceSlice',
    { spec: { nodeName: 'n', driver: 'd', pool: { name: 'p' } } },
    { Node: 'n', Driver: 'd', Pool: 'p', Age: '60m' },
  ],
  [
    'webhooks',
    'admissionregistration.k8s.io',
    'MutatingWebhookConfiguration',
    { webhooks: [{}, {}] },
    { Webhooks: 2, Age: '60m' },
  ],
];
for (const [sentence, group, kind, object, expected] of CELLS) {
  test(`cells of ${sentence}`, () => assert.equal(cells(group, kind, object), expected));
}

test.run();
