/** Nodes that are not heard from, their taints, and the pods that have to go. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeLifecycleController } from '../../../core/controllers/node/lifecycle.ts';
import { evictionTime, taintEvictionController } from '../../../core/controllers/node/taint-eviction.ts';
import { taintsOf } from '../../../core/controllers/node/taints.ts';
import { EvictionPace } from '../../../core/controllers/node/zones.ts';
import { LEASES, NODES, PODS } from '../../../core/controllers/resources.ts';
import { timeText } from '../../../core/controllers/time.ts';
import type { KubeObject, Node, Pod, Taint, Toleration } from '../../../core/objects/types.ts';
import { cacheOf, look, lookAgain, tell } from '../../support/look.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const TIME = timeText(NOW);

function node(name: string, ready?: string, spec: object = {}, zone = 'z'): Node {
  const conditions =
    ready === undefined ? [] : [{ type: 'Ready', status: ready, lastHeartbeatTime: TIME, lastTransitionTime: TIME }];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, creationTimestamp: TIME, labels: { 'topology.kubernetes.io/zone': zone } },
    spec,
    status: { conditions },
  } as Node;
}

const taint = (key: string, effect: string, more: object = {}): Taint => ({ key, effect, ...more });
const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

const taints: { name: string; on: Node; mayEvict?: boolean; to: string[] | undefined }[] = [
  { name: 'a ready node has none', on: node('n', 'True'), to: undefined },
  {
    name: 'one that is ready loses what it began with',
    on: node('n', 'True', { taints: [taint(NOT_READY, 'NoSchedule')] }),
    to: [],
  },
  {
    name: "others' taints stay",
    on: node('n', 'True', { taints: [taint('a', 'NoExecute'), taint(NOT_READY, 'NoExecute')] }),
    to: ['a:NoExecute'],
  },
  {
    name: 'one that has not said how it is keeps what it began with',
    on: node('n', undefined, { taints: [taint(NOT_READY, 'NoSchedule')] }),
    to: undefined,
  },
  { name: 'one that is not ready', on: node('n', 'False'), to: [`${NOT_READY}:NoSchedule`, `${NOT_READY}:NoExecute`] },
  {
    name: 'one that is not ready, and nobody may be sent off',
    on: node('n', 'False'),
    mayEvict: false,
    to: [`${NOT_READY}:NoSchedule`],
  },
  {
    name: 'from not ready to unreachable',
    on: node('n', 'Unknown', { taints: [taint(NOT_READY, 'NoSchedule'), taint(NOT_READY, 'NoExecute')] }),
    mayEvict: false,
    to: [`${UNREACHABLE}:NoSchedule`, `${UNREACHABLE}:NoExecute`],
  },
  {
    name: 'one that is cordoned',
    on: node('n', 'True', { unschedulable: true }),
    to: ['node.kubernetes.io/unschedulable:NoSchedule'],
  },
];
for (const { name, on, mayEvict = true, to } of taints) {
  test(`taints: ${name}`, () => {
    assert.equal(
      taintsOf(on, NOW, mayEvict)?.map(({ key, effect }) => `${key}:${effect}`),
      to,
    );
  });
}

function pod(name: string, tolerations: Toleration[] = [], more: object = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x', uid: name },
    spec: { nodeName: 'n', containers: [], tolerations },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    ...more,
  };
}

const lost = node('n', 'Unknown', {
  taints: [taint(UNREACHABLE, 'NoExecute', { timeAdded: TIME }), taint('a', 'NoExecute', { timeAdded: TIME })],
});
const forA: Toleration = { key: 'a', operator: 'Exists' };
const due: { name: string; tolerations: Toleration[]; after: number | undefined }[] = [
  { name: 'who tolerates nothing goes at once', tolerations: [], after: 5 },
  { name: 'one taint of two is not enough', tolerations: [forA], after: 5 },
  { name: 'who tolerates all for ever stays', tolerations: [{ operator: 'Exists' }], after: undefined },
  {
    name: 'after the seconds of the toleration',
    tolerations: [forA, { key: UNREACHABLE, operator: 'Exists', tolerationSeconds: 300 }],
    after: 300,
  },
  {
    name: 'the shortest of several counts',
    tolerations: [
      { operator: 'Exists', tolerationSeconds: 30 },
      { key: 'a', operator: 'Exists', tolerationSeconds: 10 },
    ],
    after: 10,
  },
  { name: 'fewer than none is none', tolerations: [{ operator: 'Exists', tolerationSeconds: -4 }], after: 0 },
];
for (const { name, tolerations, after } of due) {
  test(`eviction: ${name}`, () => {
    const now = NOW + 5000;
    assert.is(evictionTime(pod('p', tolerations), lost, now), after === undefined ? undefined : NOW + after * 1000);
  });
}

test('eviction: the pod says why it goes, and goes', () => {
  const looked = look(
    taintEvictionController(),
    'x/p',
    [
      [NODES, lost],
      [PODS, pod('p')],
    ],
    { nowMs: NOW },
  );
  assert.equal(
    looked.writes.map(({ type }) => type),
    ['patch', 'delete'],
  );
  assert.equal(looked.events, ['TaintManagerEviction']);
});

test('eviction: a pod that stays for a while is looked at then', () => {
  const waiting = pod('p', [{ operator: 'Exists', tolerationSeconds: 30 }]);
  const looked = look(
    taintEvictionController(),
    'x/p',
    [
      [NODES, lost],
      [PODS, waiting],
    ],
    { nowMs: NOW + 10_000 },
  );
  assert.equal(looked, { writes: [], events: [], rest: { afterMs: 20_000 } });
});

function lease(renewTime: string, leaseDurationSeconds = 40): KubeObject {
  const metadata = { name: 'n', namespace: 'kube-node-lease' };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata,
    spec: { renewTime, leaseDurationSeconds },
  } as KubeObject;
}

test('a node is given up 50 s after its last sign of life, and its pods are not ready', () => {
  const controller = nodeLifecycleController();
  const cache = cacheOf([
    [NODES, node('n', 'True')],
    [NODES, node('other', 'True')],
    [LEASES, lease('1')],
    [PODS, pod('p')],
  ]);
  tell(controller, [[PODS, pod('p')]], cache);
  const at = (ms: number) => lookAgain(controller, 'n', cache, { nowMs: NOW + ms });
  assert.equal(at(0), { writes: [], events: [], rest: { afterMs: 50_001 } });
  cache.of(LEASES).set('kube-node-lease/n', lease('2'));
  assert.equal(at(40_000).rest, { afterMs: 50_001 });
  assert.equal(at(89_999).writes, []);
  const looked = at(90_000);
  assert.equal(
    looked.writes.map(
      (write) => `${write.type} ${write.resource.resource} ${'subresource' in write ? (write.subresource ?? '') : ''}`,
    ),
    ['update nodes status', 'patch pods status', 'update nodes '],
  );
  const [status, , spec] = looked.writes;
  assert.match(JSON.stringify(status), /"Ready","status":"Unknown".*NodeStatusUnknown/);
  assert.match(JSON.stringify(spec), /unreachable","effect":"NoSchedule".*unreachable","effect":"NoExecute"/);
});

test('a lease that announces a longer time is given it', () => {
  const controller = nodeLifecycleController();
  const looked = look(
    controller,
    'n',
    [
      [NODES, node('n', 'True')],
      [LEASES, lease('1', 3600)],
    ],
    { nowMs: NOW },
  );
  assert.is(looked.rest?.afterMs, 3_600_001);
});

test('a node that never said a word is given a minute from its making', () => {
  const controller = nodeLifecycleController();
  const looked = look(
    controller,
    'n',
    [
      [NODES, node('n')],
      [NODES, node('other', 'True')],
    ],
    { nowMs: NOW + 60_000 },
  );
  assert.match(JSON.stringify(looked.writes[0]), /NodeStatusNeverUpdated/);
});

const ready = (count: number, zone = 'z') => Array.from({ length: count }, (_, i) => node(`r${i}`, 'True', {}, zone));
const gone = (count: number, zone = 'z') => Array.from({ length: count }, (_, i) => node(`g${i}`, 'Unknown', {}, zone));
const paces: { name: string; nodes: Node[]; second: number | undefined }[] = [
  { name: 'one of many', nodes: [...ready(9), ...gone(1)], second: 10_000 },
  { name: 'two of three are too few to be a pattern', nodes: [...ready(1), ...gone(2)], second: 10_000 },
  { name: 'most of a small zone: none', nodes: [...ready(2), ...gone(3)], second: undefined },
  { name: 'most of a large zone: slowly', nodes: [...ready(20), ...gone(31)], second: 100_000 },
  { name: 'a whole zone, while others stand', nodes: [...ready(3, 'y'), ...gone(3)], second: 10_000 },
  { name: 'all there are: it is us who cannot see', nodes: gone(3), second: undefined },
];
for (const { name, nodes, second } of paces) {
  test(`pace: ${name}`, () => {
    const pace = new EvictionPace();
    assert.is(pace.take('\nz', nodes, NOW), second === undefined ? undefined : 0);
    assert.is(pace.take('\nz', nodes, NOW), second);
  });
}

test.run();
