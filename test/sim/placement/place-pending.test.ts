import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DECIDER_KINDS, type KubeObject, type Node, type Pod } from '../../../core/index.ts';
import { StepChecker } from '../../../sim/checkers/step-checker.ts';
import { placePending } from '../../../sim/placement/place-pending.ts';
import type { PlacementOptions } from '../../../sim/placement/world.ts';
import { node, pod } from '../../support/builders.ts';

interface Row {
  name: string;
  nodes: Node[];
  pods: Pod[];
  others?: KubeObject[];
  /** 'pod result node', in order. */
  is: string[];
  /** What the message of the last one says. */
  says?: RegExp;
}

const small = node('n1', { has: { cpu: '1' } });
const affinityNobodyCanParse = {
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'Near', values: ['b'] }] } },
    ],
  },
};

const rows: Row[] = [
  {
    name: 'a pod that fits is placed',
    nodes: [small],
    pods: [pod('a', { asks: { cpu: '1' } })],
    is: ['default/a scheduled n1'],
  },
  {
    name: 'the second of two that fit alone is not, and says why',
    nodes: [small],
    pods: [pod('a', { asks: { cpu: '1' } }), pod('b', { asks: { cpu: '1' } })],
    is: ['default/a scheduled n1', 'default/b unschedulable -'],
    says: /^0\/1 nodes are available: 1 Insufficient cpu\./,
  },
  {
    name: 'priority goes first, whatever the order of the input',
    nodes: [small],
    pods: [pod('low', { asks: { cpu: '1' } }), pod('high', { asks: { cpu: '1' }, priority: 5 })],
    is: ['default/low unschedulable -', 'default/high scheduled n1'],
  },
  {
    name: 'a running pod of lower priority makes room',
    nodes: [small],
    pods: [pod('low', { on: 'n1', asks: { cpu: '1' } }), pod('high', { asks: { cpu: '1' }, priority: 5 })],
    is: ['default/high scheduled n1', 'default/low evicted n1'],
    says: /evicted for default\/high/,
  },
  {
    name: 'a running pod of equal priority does not',
    nodes: [small],
    pods: [
      pod('first', { on: 'n1', asks: { cpu: '1' }, priority: 5 }),
      pod('second', { asks: { cpu: '1' }, priority: 5 }),
    ],
    is: ['default/second unschedulable -'],
  },
  {
    name: 'a gated pod waits for its gates',
    nodes: [small],
    pods: [pod('a', { spec: { schedulingGates: [{ name: 'quota' }, { name: 'audit' }] } })],
    is: ['default/a gated -'],
    says: /gates: quota, audit/,
  },
  {
    name: "another scheduler's pod is left alone",
    nodes: [small],
    pods: [pod('a', { spec: { schedulerName: 'other' } })],
    is: ['default/a ignored -'],
    says: /asks for scheduler other/,
  },
  {
    name: 'a pod that is being deleted is left alone',
    nodes: [small],
    pods: [pod('a', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
    is: ['default/a ignored -'],
    says: /is being deleted/,
  },
  {
    name: 'without nodes nothing is placed',
    nodes: [],
    pods: [pod('a')],
    is: ['default/a unschedulable -'],
    says: /no nodes available to schedule pods/,
  },
  {
    name: 'a pod that waits for another by affinity is placed once that one is',
    nodes: [node('n1'), node('n2')],
    pods: [
      pod('follower', {
        priority: 9,
        spec: {
          affinity: {
            podAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'leader' } } },
              ],
            },
          },
        },
      }),
      pod('leader', { labels: { app: 'leader' }, spec: { nodeSelector: { 'kubernetes.io/hostname': 'n2' } } }),
    ],
    is: ['default/follower scheduled n2', 'default/leader scheduled n2'],
  },
  {
    name: 'a nominated node that the pod may not go to is not taken',
    nodes: [node('n1'), node('n2')],
    pods: [
      pod('a', {
        spec: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }],
              },
            },
          },
        },
        status: { nominatedNodeName: 'n1' },
      }),
    ],
    is: ['default/a scheduled n2'],
  },
  {
    name: 'a cycle that fails is tried once, and said',
    nodes: [node('n1'), node('n2')],
    pods: [pod('a', { spec: { affinity: affinityNobodyCanParse } })],
    is: ['default/a unschedulable -'],
    says: /Near/,
  },
];

const options = (decider: PlacementOptions['decider'], seed = 1): PlacementOptions => ({
  decider,
  tieRule: 'order',
  seed,
});

for (const decider of DECIDER_KINDS) {
  for (const { name, nodes, pods, others = [], is, says } of rows) {
    test(`placePending, ${decider}: ${name}`, async () => {
      const placement = await placePending({ nodes, pods, others, problems: [] }, options(decider));
      assert.equal(
        placement.pods.map(({ pod, result, node = '-' }) => `${pod} ${result} ${node}`),
        is,
      );
      if (says) assert.match(placement.pods[placement.pods.length - 1].message ?? '', says);
      assert.ok(placement.attempts <= 3 * pods.length, `${placement.attempts} attempts`);
    });
  }
}

const crowd = {
  nodes: Array.from({ length: 9 }, (_, i) => node(`n${i}`)),
  pods: Array.from({ length: 60 }, (_, i) => pod(`p${i}`, { asks: { cpu: '1' }, priority: i % 3 })),
  others: [],
  problems: [],
};

test('placePending: the same seed gives the same decisions, another seed another order among equals', async () => {
  const one = await placePending(crowd, options('scan'));
  assert.equal(await placePending(crowd, options('scan')), one);
  assert.equal(await placePending(crowd, options('reference')), one);
  assert.is.not((await placePending(crowd, options('scan', 2))).hash, one.hash);
});

test('placePending: every pod has exactly one row, and no node holds more than it has', async () => {
  const { pods, scheduled, unschedulable } = await placePending(crowd, options('scan'));
  assert.is(new Set(pods.map(({ pod }) => pod)).size, 60);
  assert.is(scheduled, 36);
  assert.is(unschedulable, 24);
  const checker = new StepChecker(crowd.nodes);
  for (const waiting of crowd.pods) checker.came(waiting);
  for (const { pod: name, node: nodeName } of pods) {
    const waiting = crowd.pods.find(({ metadata }) => name === `default/${metadata.name}`);
    if (nodeName && waiting) checker.bound({ ...waiting, spec: { ...waiting.spec, nodeName } });
  }
});

test.run();
