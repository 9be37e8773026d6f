import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain, explanationRows } from '../../../core/scheduler/explain.ts';
import { FakeCycle, fakePod, TAINTED } from '../../support/fake-decider.ts';

const pod = fakePod('web', { namespace: 'shop' });
const nodes = [
  { name: 'a', total: 30 },
  { name: 'b', rejection: TAINTED },
  { name: 'c', total: 80 },
  { name: 'd', total: 80 },
  { name: 'e', total: 20 },
];

test('explain: feasible nodes by rank, equal totals sharing it, then the rejected ones', () => {
  const { pod: name, best, nodes: explained } = explain(new FakeCycle(pod, nodes), 'first');
  assert.is(name, 'shop/web');
  assert.equal(best, ['c', 'd']);
  assert.equal(
    explained.map(({ node, verdict, rank }) => [node, verdict, rank]),
    [
      ['c', 'chosen', 1],
      ['d', 'feasible', 1],
      ['a', 'feasible', 3],
      ['e', 'feasible', 4],
      ['b', 'rejected', undefined],
    ],
  );
});

test('explain: every filter by itself, and scores raw, normalised and weighted', () => {
  const [c, , , , b] = explain(new FakeCycle(pod, nodes), 'first').nodes;
  assert.equal(c.scores, [{ plugin: 'NodeResourcesFit', weight: 2, raw: 80, normalized: 40, weighted: 80 }]);
  assert.equal(
    c.filters.map(({ passed }) => passed),
    [true, true],
  );
  assert.equal(b.rejectedBy, TAINTED);
  assert.equal(b.filters[1], { plugin: 'NodeResourcesFit', passed: false, reasons: TAINTED.reasons });
});

test('explain: one feasible node is chosen without scores', () => {
  const { best, nodes: explained } = explain(new FakeCycle(pod, [nodes[1], nodes[0]]));
  assert.equal(best, ['a']);
  assert.equal(explained[0], { ...explained[0], node: 'a', verdict: 'chosen', scores: [] });
});

test('explain: a PreFilter refusal asks no node', () => {
  const rejection = { ...TAINTED, plugin: 'VolumeBinding' };
  const explanation = explain(new FakeCycle(pod, nodes, { preFilter: { rejection } }));
  assert.equal([explanation.preFilter, explanation.nodes, explanation.best], [rejection, [], []]);
});

test('explain: narrowed nodes are named, others are not asked', () => {
  const preFilter = { nodeNames: new Set(['d', 'b', 'gone']), narrowedBy: ['NodeAffinity'] };
  const explanation = explain(new FakeCycle(pod, nodes, { preFilter }));
  assert.equal(explanation.narrowedTo, ['b', 'd', 'gone']);
  assert.equal(
    explanation.nodes.map(({ node }) => node),
    ['d', 'b'],
  );
});

test('explain: an error in scoring chooses nobody', () => {
  const explanation = explain(new FakeCycle(pod, nodes, { scoreError: 'no integer' }));
  assert.equal([explanation.error, explanation.best], ['no integer', []]);
  assert.not(explanation.nodes.some(({ verdict }) => verdict === 'chosen'));
});

test('explain: is plain data', () => {
  const explanation = explain(new FakeCycle(pod, nodes));
  assert.equal(JSON.parse(JSON.stringify(explanation)).best, explanation.best);
});

test('explain: rows for a table', () => {
  const rows = explanationRows(explain(new FakeCycle(pod, [nodes[0], nodes[1], nodes[2]]), 'first'));
  assert.equal(rows, [
    ['node', 'verdict', 'total', 'rank', 'NodeResourcesFit x2', 'why not'],
    ['c', 'chosen', '80', '1', '80 (80 -> 40)', ''],
    ['a', 'feasible', '30', '2', '30 (30 -> 15)', ''],
    ['b', 'rejected', '', '', '', 'TaintToleration: node(s) had untolerated taint(s)'],
  ]);
});

test.run();
