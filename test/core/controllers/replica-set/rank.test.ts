/** Which of two pods goes first, rule by rule in their order. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { podsToDelete } from '../../../../core/controllers/replica-set/rank.ts';
import { timeText } from '../../../../core/controllers/time.ts';
import type { Pod } from '../../../../core/objects/types.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const SECOND = 1000;
const HOUR = 3_600_000;

interface Made {
  node?: string;
  phase?: string;
  /** Milliseconds ago; undefined: not ready. */
  ready?: number;
  created?: number;
  cost?: string;
  restarts?: number;
  uid?: string;
}

function pod(
  name: string,
  { node = 'n1', phase = 'Running', ready = HOUR, created = HOUR, cost, restarts = 0, uid }: Made,
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid: uid ?? name,
      creationTimestamp: timeText(NOW - created),
      ...(cost !== undefined && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { nodeName: node, containers: [] },
    status: {
      phase,
      conditions: Number.isNaN(ready)
        ? []
        : [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(NOW - ready) }],
      containerStatuses: [{ name: 'c', restartCount: restarts }],
    },
  };
}

const NOT_READY = Number.NaN;
const cases: { name: string; first: Made; second: Made }[] = [
  { name: 'one without a node before one with', first: { node: '' }, second: { ready: NOT_READY, phase: 'Pending' } },
  { name: 'a pending one before one that runs', first: { phase: 'Pending' }, second: { ready: NOT_READY } },
  { name: 'an unknown one before one that runs', first: { phase: 'Unknown' }, second: {} },
  {
    name: 'one that is not ready before one that is',
    first: { ready: NOT_READY, cost: '100' },
    second: { cost: '-1' },
  },
  { name: 'the cheaper one', first: { cost: '-5' }, second: {} },
  { name: 'a cost that is no number counts as 0', first: { cost: '-1' }, second: { cost: '-1e3' } },
  { name: 'a cost beyond 32 bits counts as 0', first: { cost: '-1' }, second: { cost: '-2147483649' } },
  { name: 'the one that became ready later', first: { ready: SECOND }, second: { restarts: 9 } },
  {
    name: 'of one order of magnitude the lower uid',
    first: { ready: 3 * HOUR, uid: 'a' },
    second: { ready: 4 * HOUR, uid: 'b' },
  },
  { name: 'the one with more restarts', first: { restarts: 2 }, second: { restarts: 1, created: SECOND } },
  { name: 'the younger one', first: { created: SECOND }, second: {} },
];
for (const { name, first, second } of cases) {
  for (const turned of [false, true]) {
    test(`goes first: ${name}${turned ? ' (given last)' : ''}`, () => {
      const pods = [pod('first', first), pod('second', second)];
      const [gone] = podsToDelete(turned ? pods.toReversed() : pods, pods, 1, NOW);
      assert.is(gone.metadata.name, 'first');
    });
  }
}

test('goes first: the one whose node has more of the family', () => {
  const pods = [pod('a', { node: 'n1' }), pod('b', { node: 'n2', restarts: 5 })];
  const family = [...pods, pod('other', { node: 'n1' })];
  assert.equal(
    podsToDelete(pods, family, 1, NOW).map(({ metadata }) => metadata.name),
    ['a'],
  );
});

test('when all have to go nobody is ranked', () => {
  const pods = [pod('a', {}), pod('b', {})];
  assert.is(podsToDelete(pods, [], 2, NOW).length, 2);
});

test.run();
