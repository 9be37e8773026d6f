/** What the engine hands to the scan, and cases in which remembering once went wrong. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Listers } from '../../../../core/cluster/listers.ts';
import type { Pod } from '../../../../core/objects/types.ts';
import { EngineDecider } from '../../../../core/scheduler/engine/decider.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import { ScheduleOne } from '../../../../core/scheduler/schedule-one.ts';
import { node, pod } from '../../../support/builders.ts';

const zone = 'topology.kubernetes.io/zone';

function world({ percentage = 100, limits = {} } = {}) {
  const listers = new Listers();
  const nominated = new Nominator();
  const profiles = [{ ...defaultProfile(), percentageOfNodesToScore: percentage }];
  const engine = new EngineDecider({ listers, nominated, profiles, limits });
  const scheduler = new ScheduleOne({ decider: engine, listers, nominated, profiles });
  return { engine, nominated, scheduler };
}

function place({ engine, scheduler }: ReturnType<typeof world>, incoming: Pod): string | undefined {
  const { host } = scheduler.schedule(incoming);
  if (host) engine.assume(incoming, host);
  return host;
}

const cases: { name: string; percentage?: number; pods: Pod[]; nominate?: Pod[]; scans: [string, number][] }[] = [
  {
    name: 'the first pod of a class is scanned, the others are not',
    pods: [pod('a', { asks: { cpu: '1' } }), pod('b', { asks: { cpu: '1' } }), pod('c', { asks: { cpu: '1' } })],
    scans: [['the first pod of its class', 1]],
  },
  {
    name: 'pods that differ in what plugins read are of different classes',
    pods: [pod('a', { asks: { cpu: '1' } }), pod('b', { asks: { cpu: '2' } })],
    scans: [['the first pod of its class', 2]],
  },
  { name: 'sampling is left to the scan', percentage: 50, pods: [pod('a')], scans: [['nodes are sampled', 1]] },
  {
    name: 'nominated pods cost no scan',
    nominate: [pod('other', { priority: 9, asks: { cpu: '4' } })],
    pods: [pod('a', { asks: { cpu: '1' } }), pod('b', { asks: { cpu: '1' } })],
    scans: [['the first pod of its class', 1]],
  },
  {
    name: 'nominated pods with affinity terms are left to the scan',
    nominate: [pod('other', { priority: 9, spec: { affinity: { podAntiAffinity: {} } } })],
    pods: [pod('a'), pod('b')],
    scans: [
      ['the first pod of its class', 1],
      ['nominated pods meet filters across nodes', 1],
    ],
  },
  {
    name: 'a pod that fits nowhere is put in words by the scan',
    pods: [pod('a', { asks: { cpu: '9' } }), pod('b', { asks: { cpu: '9' } })],
    scans: [
      ['the first pod of its class', 1],
      ['no node fits', 1],
    ],
  },
  {
    name: 'a pod that names its node is left to the scan',
    pods: [pod('a', { spec: { nodeName: 'n1' } })],
    scans: [['the pod names its node', 1]],
  },
];
for (const { name, percentage, pods, nominate, scans } of cases) {
  test(`engine: ${name}`, () => {
    const made = world({ percentage, limits: { onCredit: 0 } });
    for (const n of ['n1', 'n2', 'n3']) made.engine.addNode(node(n));
    for (const other of nominate ?? []) made.nominated.add(other, 'n1');
    for (const incoming of pods) made.scheduler.schedule(incoming);
    assert.equal([...made.engine.scans], scans);
  });
}

test('engine: the walking order stands from the decision on, though a node changes its zone before the next', () => {
  const made = world({ limits: { buildFrom: 1 } });
  made.engine.addNode(node('a', { labels: { [zone]: 'x' } }));
  made.engine.addNode(node('b', { labels: { [zone]: 'x' } }));
  made.engine.addNode(node('c', { labels: { [zone]: 'y' } }));
  place(made, pod('p'));
  made.engine.addNode(node('a', { labels: { [zone]: 'y' } }));
  const order = [...made.engine.cluster.order()].map((row) => made.engine.cluster.nodeAt(row)?.metadata.name);
  assert.equal(order, ['a', 'c', 'b'], 'as kube-scheduler, which rebuilds it only when a node comes or goes');
});

test('engine: a node that comes on the row of one that went is found under its own rank', () => {
  const made = world({ limits: { buildFrom: 1 } });
  for (const n of ['n1', 'n2', 'n3']) made.engine.addNode(node(n));
  place(made, pod('p1'));
  for (let round = 0; round < 20; round++) {
    const gone = `n${(round % 3) + 1}`;
    made.engine.removeNode(gone);
    made.engine.addNode(node(`new-${round}`));
    assert.ok(made.engine.cluster.rowOf(place(made, pod(`q${round}`)) ?? '') >= 0);
    made.engine.removeNode(`new-${round}`);
    made.engine.addNode(node(gone));
  }
});

test('engine: classes are bounded, and the one used least recently goes', () => {
  const made = world({ limits: { buildFrom: 1 } });
  made.engine.addNode(node('n1', { has: { pods: '5000' } }));
  for (let i = 0; i < 1100; i++) place(made, pod(`p${i}`, { labels: { number: String(i) } }));
  assert.is(made.engine.classCount, 1024);
});

test.run();
