import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeSet, numFeasibleNodesToFind } from '../../../core/scheduler/walk.ts';
import { FakeCycle, fakePod } from '../../support/fake-decider.ts';

const counts = [
  { nodes: 0, percentage: 0, wanted: 0 },
  { nodes: 99, percentage: 0, wanted: 99 },
  { nodes: 99, percentage: 1, wanted: 99 },
  { nodes: 100, percentage: 0, wanted: 100 },
  { nodes: 200, percentage: 0, wanted: 100 },
  { nodes: 500, percentage: 0, wanted: 230 },
  { nodes: 1000, percentage: 0, wanted: 420 },
  { nodes: 2000, percentage: 0, wanted: 680 },
  { nodes: 3000, percentage: 0, wanted: 780 },
  { nodes: 4000, percentage: 0, wanted: 720 },
  { nodes: 5000, percentage: 0, wanted: 500 },
  { nodes: 5624, percentage: 0, wanted: 337 },
  { nodes: 5625, percentage: 0, wanted: 281 },
  { nodes: 6000, percentage: 0, wanted: 300 },
  { nodes: 10000, percentage: 0, wanted: 500 },
  { nodes: 15000, percentage: 0, wanted: 750 },
  { nodes: 300, percentage: 30, wanted: 100 },
  { nodes: 335, percentage: 30, wanted: 100 },
  { nodes: 337, percentage: 30, wanted: 101 },
  { nodes: 5000, percentage: 99, wanted: 4950 },
  { nodes: 5000, percentage: 100, wanted: 5000 },
  { nodes: 5000, percentage: 101, wanted: 5000 },
];
for (const { nodes, percentage, wanted } of counts) {
  test(`walk: of ${nodes} nodes at ${percentage} % it wants ${wanted}`, () => {
    assert.is(numFeasibleNodesToFind(nodes, percentage), wanted);
  });
}

const nodes = ['c', 'a', 'b'].map((name) => ({ name, total: 1 }));

test('walk: without narrowing the set is the walking order', () => {
  assert.equal(Array.from(nodeSet(new FakeCycle(fakePod('p'), nodes))), [0, 1, 2]);
});

test('walk: a narrowed set is walked by name, and names without a node are left out', () => {
  const preFilter = { nodeNames: new Set(['c', 'gone', 'a']) };
  assert.equal(Array.from(nodeSet(new FakeCycle(fakePod('p'), nodes, { preFilter }))), [1, 0]);
});

test.run();
