/** A ReplicaSet takes and lets go of pods, makes and deletes them, and says how it stands. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXPECTATION_LIMIT_MS } from '../../../../core/controllers/expectations.ts';
import type { ReplicaSet } from '../../../../core/controllers/kinds.ts';
import { OF_REPLICATION_CONTROLLERS } from '../../../../core/controllers/replica-set/kind-of-set.ts';
import { replicaSetController } from '../../../../core/controllers/replica-set/replica-set.ts';
import { PODS, REPLICA_SETS, REPLICATION_CONTROLLERS } from '../../../../core/controllers/resources.ts';
import { timeText } from '../../../../core/controllers/time.ts';
import type { KubeObject, Pod } from '../../../../core/objects/types.ts';
import { cacheOf, look, lookAgain, NO, type Seen, tell } from '../../../support/look.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const LABELS = { app: 'a' };
const OWNER = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  name: 'a',
  uid: 'u',
  controller: true,
  blockOwnerDeletion: true,
};

function replicaSet(spec: object = {}, more: object = {}, metadata: object = {}): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'a', namespace: 'x', uid: 'u', generation: 1, ...metadata },
    spec: {
      replicas: 2,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: { containers: [] } },
      ...spec,
    },
    ...more,
  } as ReplicaSet;
}

function pod(name: string, metadata: object = { ownerReferences: [OWNER] }, status: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x', uid: name, labels: LABELS, ...metadata },
    spec: { nodeName: 'n', containers: [] },
    status: { phase: 'Running', ...status },
  } as KubeObject;
}

const ready = (seconds: number): object => ({
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(NOW - seconds * 1000) }],
});
const at = (nowMs = NOW) => ({ nowMs });

interface Case {
  name: string;
  set?: ReplicaSet;
  pods: KubeObject[];
  /** 'create', 'delete NAME', 'patch NAME', 'get NAME', without the status. */
  writes: string[];
}

const cases: Case[] = [
  { name: 'what is missing is made, one and then the rest', pods: [], writes: ['create', 'create'] },
  { name: 'enough is enough', pods: [pod('p'), pod('q')], writes: [] },
  {
    name: 'one too many goes',
    set: replicaSet({ replicas: 1 }),
    pods: [pod('p'), pod('q', undefined, ready(9))],
    writes: ['delete p'],
  },
  {
    name: 'a pod that is over does not count',
    pods: [pod('p'), pod('q', undefined, { phase: 'Failed' })],
    writes: ['create'],
  },
  {
    name: 'a pod on its way out does not count',
    pods: [pod('p'), pod('q', { ownerReferences: [OWNER], deletionTimestamp: timeText(NOW) })],
    writes: ['create'],
  },
  {
    name: "nobody's pod that matches is adopted, once the set is known to be there",
    pods: [pod('p'), pod('q', {})],
    writes: ['get a', 'patch q'],
  },
  {
    name: "another's pod is left alone",
    pods: [pod('p'), pod('q', { ownerReferences: [{ ...OWNER, uid: 'other' }] })],
    writes: ['create'],
  },
  {
    name: 'a pod that matches no more is let go',
    pods: [pod('p'), pod('q', { ownerReferences: [OWNER], labels: {} })],
    writes: ['patch q', 'create'],
  },
  {
    name: 'a set that is being deleted does nothing',
    set: replicaSet({}, {}, { deletionTimestamp: timeText(NOW) }),
    pods: [pod('q', {})],
    writes: [],
  },
  {
    name: 'replicas that are not said are one',
    set: replicaSet({ replicas: undefined }),
    pods: [],
    writes: ['create'],
  },
];
for (const { name, set = replicaSet(), pods, writes } of cases) {
  test(`ReplicaSet: ${name}`, () => {
    const seen: Seen = [[REPLICA_SETS, set], ...pods.map((one) => [PODS, one] as const)];
    const looked = look(replicaSetController(), 'x/a', seen, at());
    const told = looked.writes.flatMap((write) => {
      if (write.type === 'update' || write.type === 'list') return [];
      return [write.type === 'create' ? 'create' : `${write.type} ${write.name}`];
    });
    assert.equal(told, writes);
  });
}

test('ReplicationController: the same with a plain selector', () => {
  const controller = replicaSetController(OF_REPLICATION_CONTROLLERS);
  const set = { ...replicaSet({ selector: LABELS }), apiVersion: 'v1', kind: 'ReplicationController' };
  const looked = look(controller, 'x/a', [[REPLICATION_CONTROLLERS, set]], at());
  const made = looked.writes.flatMap((write) => (write.type === 'create' ? [write.object] : []));
  assert.equal(
    made.map(({ metadata }) => metadata.ownerReferences?.[0].kind),
    ['ReplicationController', 'ReplicationController'],
  );
});

test('a pod is made of the template, owned, and named after the set', () => {
  const template = {
    metadata: { labels: LABELS, annotations: { b: 'c' }, finalizers: ['d'] },
    spec: { containers: [{ name: 'e' }] },
  };
  const looked = look(replicaSetController(), 'x/a', [[REPLICA_SETS, replicaSet({ replicas: 1, template })]], at());
  const [first] = looked.writes;
  assert.equal(first.type === 'create' && first.object, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      namespace: 'x',
      generateName: 'a-',
      labels: LABELS,
      annotations: { b: 'c' },
      finalizers: ['d'],
      ownerReferences: [OWNER],
    },
    spec: { containers: [{ name: 'e' }] },
  });
});

test('a refusal ends the making, is said in the status, and is a reason to look again', () => {
  let asked = 0;
  const looked = look(replicaSetController(), 'x/a', [[REPLICA_SETS, replicaSet({ replicas: 100 })]], {
    nowMs: NOW,
    refuse: (action) => (action.type === 'create' && ++asked > 2 ? NO : undefined),
  });
  assert.is(asked, 3, 'one, then two at once');
  const status = looked.writes.flatMap((write) =>
    write.type === 'update' ? [(write.object as ReplicaSet).status] : [],
  )[0];
  assert.equal(status?.conditions, [
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: 'exceeded quota',
      lastTransitionTime: timeText(NOW),
    },
  ]);
  assert.is(looked.refused?.code, 403);
  assert.equal(looked.events, ['SuccessfulCreate', 'SuccessfulCreate', 'FailedCreate']);
});

test('in a namespace that is going nothing is made, and that is no failure', () => {
  const looked = look(replicaSetController(), 'x/a', [[REPLICA_SETS, replicaSet()]], {
    nowMs: NOW,
    refuse: (action) => (action.type === 'create' ? { ...NO, causes: ['NamespaceTerminating'] } : undefined),
  });
  assert.is(looked.refused, undefined);
  assert.equal(looked.events, []);
});

test('what was made is awaited, for five minutes', () => {
  const controller = replicaSetController();
  const seen: Seen = [[REPLICA_SETS, replicaSet()]];
  const creates = (nowMs: number): number =>
    lookAgain(controller, 'x/a', cache, at(nowMs)).writes.filter(({ type }) => type === 'create').length;
  const cache = cacheOf(seen);
  assert.is(creates(NOW), 2);
  assert.is(creates(NOW + 1), 0, 'not observed yet');
  assert.is(creates(NOW + EXPECTATION_LIMIT_MS), 0, 'still awaited');
  assert.is(creates(NOW + EXPECTATION_LIMIT_MS + 1), 2, 'given up');
  for (const name of ['p', 'q']) {
    cache.of(PODS).set(`x/${name}`, pod(name));
    tell(controller, [[PODS, pod(name)]], cache);
  }
  assert.is(creates(NOW + EXPECTATION_LIMIT_MS + 2), 0, 'they are there');
});

test('a pod counts as available once it has been ready for minReadySeconds, and is looked at then', () => {
  const set = replicaSet({ minReadySeconds: 10 });
  const pods = [pod('p', undefined, ready(10)), pod('q', undefined, ready(7))];
  const looked = look(
    replicaSetController(),
    'x/a',
    [[REPLICA_SETS, set], ...pods.map((one) => [PODS, one] as const)],
    at(),
  );
  const [write] = looked.writes;
  assert.equal(write.type === 'update' && (write.object as ReplicaSet).status, {
    replicas: 2,
    fullyLabeledReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 1,
    terminatingReplicas: 0,
    observedGeneration: 1,
  });
  assert.is(looked.rest?.afterMs, 3000);
});

test('a status that says the same is not written', () => {
  const status = { replicas: 0, terminatingReplicas: 0, observedGeneration: 1 };
  const looked = look(replicaSetController(), 'x/a', [[REPLICA_SETS, replicaSet({ replicas: 0 }, { status })]], at());
  assert.equal(looked.writes, []);
});

test('a set that has gone is nobody', () => {
  assert.equal(look(replicaSetController(), 'x/a', [[PODS, pod('p') as Pod]], at()), {
    writes: [],
    events: [],
    rest: undefined,
  });
});

test.run();
