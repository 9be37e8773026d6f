import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TieRule } from '../../../core/scheduler/decision.ts';
import { argmax, HostSelector, nodeRank } from '../../../core/scheduler/select-node.ts';

const names = (count: number) => Array.from({ length: count }, (_, n) => `node-${n}`);
const select = (
  rule: TieRule,
  totals: number[],
  { seed = 0, decision = 1, of = names(totals.length) } = {},
): number => {
  const nodes = { nodeName: (n: number) => of[n] };
  return new HostSelector(rule, seed).select(
    nodes,
    totals.map((_, n) => n),
    totals,
    decision,
  );
};

const preOrder = [
  { name: 'one node is chosen', totals: [5], chosen: 0 },
  { name: 'the highest total wins wherever it stands', totals: [1, 2, 9, 3], chosen: 2 },
  { name: 'all equal: the root', totals: [7, 7, 7, 7], chosen: 0 },
  { name: 'left child before right child', totals: [1, 7, 7], chosen: 1 },
  { name: 'the left subtree wins over an earlier position on the right', totals: [1, 1, 7, 7], chosen: 3 },
  { name: 'the left child of the left child too', totals: [1, 1, 7, 1, 7], chosen: 4 },
  { name: 'a parent before its own child', totals: [1, 7, 1, 7], chosen: 1 },
  { name: 'deep left before shallow right', totals: [0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 9], chosen: 10 },
];
for (const { name, totals, chosen } of preOrder) {
  test(`select node, first: ${name}`, () => assert.is(select('first', totals), chosen));
}

test('select node, order: the lowest rank among the best wins, in every decision', () => {
  const totals = [3, 9, 9, 9, 1];
  const expected = [1, 2, 3].sort((a, b) => nodeRank(42, `node-${a}`) - nodeRank(42, `node-${b}`))[0];
  for (const decision of [1, 2, 3]) assert.is(select('order', totals, { seed: 42, decision }), expected);
});

test('select node, order: the position in the list does not matter', () => {
  const of = names(20);
  const chosen =
    of[
      select(
        'order',
        of.map(() => 1),
        { of },
      )
    ];
  const turned = [...of].reverse();
  assert.is(
    turned[
      select(
        'order',
        turned.map(() => 1),
        { of: turned },
      )
    ],
    chosen,
  );
});

test('select node, order: another seed gives another order', () => {
  const chosen = new Set(Array.from({ length: 50 }, (_, seed) => select('order', [1, 1, 1, 1], { seed })));
  assert.is(chosen.size, 4);
});

test('select node, random: every node gets its turn, evenly', () => {
  const counts = [0, 0, 0, 0];
  for (let decision = 1; decision <= 4000; decision++) counts[select('random', [5, 5, 1, 5], { decision })]++;
  assert.is(counts[2], 0);
  for (const n of [0, 1, 3]) assert.ok(Math.abs(counts[n] - 4000 / 3) < 150, `node ${n} was chosen ${counts[n]} times`);
});

test('select node, random: the same seed and decision choose the same', () => {
  const run = () => Array.from({ length: 30 }, (_, decision) => select('random', [1, 1, 1], { seed: 7, decision }));
  assert.equal(run(), run());
});

test('select node: a rank follows its name when an index comes to mean another node', () => {
  const selector = new HostSelector('order', 0);
  const ask = (of: string[]) =>
    of[
      selector.select(
        { nodeName: (n) => of[n] },
        of.map((_, n) => n),
        of.map(() => 1),
        1,
      )
    ];
  const of = names(9);
  assert.is(ask(of), ask([...of].reverse()));
});

test('argmax: all positions of the highest total, in order', () => {
  assert.equal(argmax([1, 4, 4, 2, 4]), [1, 2, 4]);
  assert.equal(argmax([4, 4, 5]), [2]);
  assert.equal(argmax([]), []);
});

test.run();
