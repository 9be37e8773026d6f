/** Nodes that are not heard from, their taints, and the pods that have to go. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeLifecycleController } from '../../../core/controllers/node/lifecycle.ts';
import { NODE_LIFECYCLE_DEFAULTS } from '../../../core/controllers/node/settings.ts';
import { evictionTime, taintEvictionController } from '../../../core/controllers/node/taint-eviction.ts';
import { type Eviction, taintsOf } from '../../../core/controllers/node/taints.ts';
import { type Turn, Zones } from '../../../core/controllers/node/zones.ts';
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

const taints: { name: string; on: Node; eviction?: Eviction; to: string[] | undefined }[] = [
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
    eviction: 'later',
    to: [`${NOT_READY}:NoSchedule`],
  },
  {
    name: 'from not ready to unreachable',
    on: node('n', 'Unknown', { taints: [taint(NOT_READY, 'NoSchedule'), taint(NOT_READY, 'NoExecute')] }),
    eviction: 'later',
    to: [`${UNREACHABLE}:NoSchedule`, `${UNREACHABLE}:NoExecute`],
  },
  {
    name: 'where all seem lost nobody is sent off any more',
    on: node('n', 'Unknown', { taints: [taint(UNREACHABLE, 'NoSchedule'), taint(UNREACHABLE, 'NoExecute')] }),
    eviction: 'never',
    to: [`${UNREACHABLE}:NoSchedule`],
  },
  {
    name: 'one that is cordoned',
    on: node('n', 'True', { unschedulable: true }),
    to: ['node.kubernetes.io/unschedulable:NoSchedule'],
  },
];
for (const { name, on, eviction = 'now', to } of taints) {
  test(`taints: ${name}`, () => {
    assert.equal(
      taintsOf(on, NOW, eviction)?.map(({ key, effect }) => `${key}:${effect}`),
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

test('eviction: a taint that does not say since when counts from when it was first seen', () => {
  const controller = taintEvictionController();
  const cache = cacheOf([
    [NODES, node('n', 'True', { taints: [taint('a', 'NoExecute')] })],
    [PODS, pod('p', [{ operator: 'Exists', tolerationSeconds: 30 }])],
  ]);
  const at = (ms: number) => lookAgain(controller, 'x/p', cache, { nowMs: NOW + ms });
  assert.equal(at(0).rest, { afterMs: 30_000 });
  assert.equal(at(29_000).rest, { afterMs: 1000 });
  cache.of(NODES).set('n', node('n', 'True'));
  assert.equal(at(29_500), { writes: [], events: [], rest: undefined });
  cache.of(NODES).set('n', node('n', 'True', { taints: [taint('a', 'NoExecute')] }));
  assert.equal(at(31_000).rest, { afterMs: 30_000 }, 'it counts anew');
  assert.is(at(61_000).writes.length, 2);
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

test('a node is lost 50 s after its last sign of life, its pods are not ready, and 5 s later they are sent off', () => {
  const controller = nodeLifecycleController();
  const cache = cacheOf([
    [NODES, node('n', 'True')],
    [NODES, node('other', 'True')],
    [LEASES, lease('1')],
    [PODS, pod('p')],
  ]);
  tell(
    controller,
    [
      [NODES, node('n', 'True')],
      [NODES, node('other', 'True')],
      [PODS, pod('p')],
    ],
    cache,
  );
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
  assert.match(JSON.stringify(spec), /unreachable","effect":"NoSchedule"/);
  assert.not.match(JSON.stringify(spec), /NoExecute/);
  assert.equal(looked.events, ['NodeNotReady', 'NodeNotReady']);
  assert.equal(looked.rest, { afterMs: 5000 });
  const unknown = node('n', 'Unknown');
  cache.of(NODES).set('n', unknown);
  tell(controller, [[NODES, unknown]], cache);
  assert.not.match(JSON.stringify(at(94_999).writes), /NoExecute/);
  assert.match(JSON.stringify(at(95_000).writes), /unreachable","effect":"NoExecute"/);
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

// --- zones -----------------------------------------------------------------------------------------------------------

const ready = (count: number, zone = 'z') => Array.from({ length: count }, (_, i) => node(`r${i}`, 'True', {}, zone));
const gone = (count: number, zone = 'z') => Array.from({ length: count }, (_, i) => node(`g${i}`, 'Unknown', {}, zone));

function zonesOf(nodes: readonly Node[]): Zones {
  const zones = new Zones(NODE_LIFECYCLE_DEFAULTS);
  for (const object of nodes) zones.take({ object, gone: false });
  return zones;
}

/** Milliseconds from the loss of all of them to their being given up, in their order. */
function paceOf(zones: Zones, nodes: readonly Node[], forMs: number): number[] {
  const taken: number[] = [];
  zones.turn(NOW);
  for (const one of nodes) zones.giveUp(one, NOW);
  for (let ms = 0; ms <= forMs; ms += 1000) {
    for (const one of nodes.slice(taken.length)) {
      if (zones.giveUp(one, NOW + ms) === 0) {
        zones.release(one.metadata.name);
        taken.push(ms);
      }
    }
  }
  return taken;
}

const paces: { name: string; nodes: Node[]; seconds: number[] }[] = [
  { name: 'few of many: one every 10 s', nodes: [...ready(9), ...gone(3)], seconds: [5, 15, 25] },
  { name: 'two of three are too few to be a pattern', nodes: [...ready(1), ...gone(2)], seconds: [5, 15] },
  { name: '54 % of a large zone', nodes: [...ready(46), ...gone(54)], seconds: [5, 15, 25, 35] },
  { name: '55 % of a large zone: one every 100 s', nodes: [...ready(45), ...gone(55)], seconds: [5, 105] },
  { name: 'most of 50 nodes, which are few: none', nodes: [...ready(10), ...gone(40)], seconds: [] },
  { name: 'most of 51 nodes', nodes: [...ready(10), ...gone(41)], seconds: [5, 105] },
  { name: 'a whole zone, while others stand', nodes: [...ready(3, 'y'), ...gone(3)], seconds: [5, 15, 25] },
  { name: 'all there are: it is us who cannot see', nodes: gone(3), seconds: [] },
];
for (const { name, nodes, seconds } of paces) {
  test(`pace: ${name}`, () => {
    const lostOnes = nodes.filter((one) => one.metadata.name.startsWith('g'));
    const forMs = Math.max(120_000, 1000 * (seconds.at(-1) ?? 0));
    const taken = paceOf(zonesOf(nodes), lostOnes, forMs).slice(0, seconds.length || 1);
    assert.equal(
      taken.map((ms) => ms / 1000),
      seconds,
    );
  });
}

test('pace: nodes that are not to be counted are not', () => {
  const excluded = gone(9).map((one, i): Node => {
    const labels = { ...one.metadata.labels, 'node.kubernetes.io/exclude-disruption': '' };
    return { ...one, metadata: { ...one.metadata, name: `x${i}`, labels } };
  });
  const zones = zonesOf([...ready(5), ...gone(2), ...excluded]);
  assert.equal(paceOf(zones, gone(2), 20_000), [5000, 15_000]);
});

test('pace: a zone that heals goes on at its own rate, and begins with waiting where nobody could go before', () => {
  const zones = zonesOf([...ready(2), ...gone(3)]);
  zones.turn(NOW);
  const [first, second] = gone(3);
  assert.is(zones.giveUp(first, NOW + 60_000), undefined);
  zones.take({ object: node('r2', 'True'), gone: false });
  assert.is(zones.turn(NOW + 60_000), undefined, 'it is not that all were lost');
  assert.is(zones.giveUp(first, NOW + 60_000), 10_000);
  assert.is(zones.giveUp(second, NOW + 60_000), 20_000);
  zones.release('g0');
  assert.is(zones.giveUp(second, NOW + 60_000), 10_000, 'who is in front and well again is not waited for');
});

test('pace: one whose turn has come keeps it until it says so', () => {
  const zones = zonesOf([...ready(5), ...gone(2)]);
  zones.turn(NOW);
  const [first, second] = gone(2);
  for (const one of [first, second]) zones.giveUp(one, NOW);
  assert.equal([zones.giveUp(first, NOW + 5000), zones.giveUp(first, NOW + 5000)], [0, 0]);
  assert.is(zones.giveUp(second, NOW + 5000), 10_000);
});

const turns: { name: string; steps: [nodes: Node[], turn: Turn | undefined, allLost: boolean][] }[] = [
  {
    name: 'one node less is no turn',
    steps: [
      [[...ready(3)], undefined, false],
      [[node('r0', 'Unknown')], undefined, false],
    ],
  },
  {
    name: 'the last of all zones, and the first to be back',
    steps: [
      [[node('a', 'True', {}, 'y'), node('b', 'Unknown')], undefined, false],
      [[node('a', 'Unknown', {}, 'y')], 'lost-all', true],
      [[node('a', 'False', {}, 'y')], undefined, true],
      [[node('b', 'True')], 'found-some', false],
      [[node('b', 'True')], undefined, false],
    ],
  },
  {
    name: 'all lost from the beginning',
    steps: [[gone(2), 'lost-all', true]],
  },
];
for (const { name, steps } of turns) {
  test(`zones: ${name}`, () => {
    const zones = new Zones(NODE_LIFECYCLE_DEFAULTS);
    for (const [nodes, turn, allLost] of steps) {
      for (const object of nodes) zones.take({ object, gone: false });
      assert.is(zones.turn(NOW), turn);
      assert.is(zones.areAllLost, allLost);
    }
  });
}

test('where all are lost the taints that send pods off are taken back, of every node; who is found then has its whole time', () => {
  const controller = nodeLifecycleController();
  const evicted = node('n', 'Unknown', { taints: [taint(UNREACHABLE, 'NoSchedule'), taint(UNREACHABLE, 'NoExecute')] });
  const cache = cacheOf([
    [NODES, evicted],
    [NODES, node('other', 'Unknown')],
  ]);
  tell(
    controller,
    [
      [NODES, evicted],
      [NODES, node('other', 'Unknown')],
    ],
    cache,
  );
  const at = (name: string, ms: number) => lookAgain(controller, name, cache, { nowMs: NOW + ms });
  const first = at('n', 0);
  assert.equal([...(first.rest?.also ?? [])], ['n', 'other']);
  assert.match(JSON.stringify(first.writes), /NoSchedule/);
  assert.not.match(JSON.stringify(first.writes), /NoExecute/);
  const back = node('other', 'True');
  cache.of(NODES).set('other', back);
  tell(controller, [[NODES, back]], cache);
  const found = at('other', 49_000);
  assert.equal([...(found.rest?.also ?? [])], ['n', 'other']);
  assert.is(found.rest?.afterMs, 50_001);
});

test.run();
