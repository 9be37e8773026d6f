/** The order of rows by rank, kept by following the change log, is that of a list made anew. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Cluster } from '../../../../core/cluster/cluster.ts';
import { Ranks } from '../../../../core/scheduler/scan/ranks.ts';
import { nodeRank } from '../../../../core/scheduler/select-node.ts';
import { node, pod } from '../../../support/builders.ts';

const SEED = 7;
const name = fc.nat(79).map((i) => `n${i}`);
const events = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('add', 'remove', 'pod'), name }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('sync'), name }) },
  ),
  { maxLength: 120, size: 'max' },
);

test('ranks: sorted rows and their ranks are those of the nodes there are, and epochs tell what changed', () => {
  let followed = 0;
  const law = (first: number, list: readonly { op: string; name: string }[]): void => {
    const cluster = new Cluster();
    for (let i = 0; i < first; i++) cluster.addNode(node(`n${i}`));
    const ranks = new Ranks(cluster, SEED);
    let before: (string | undefined)[] = [];
    let epoch = 0;
    const compare = (): void => {
      ranks.sync();
      const expected = [...cluster.nodes()].map(([row, { metadata }]) => ({ row, name: metadata.name }));
      expected.sort((a, b) => nodeRank(SEED, a.name) - nodeRank(SEED, b.name));
      assert.equal(
        [...ranks.sorted],
        expected.map(({ row }) => row),
      );
      for (const { row, name } of expected) {
        assert.is(ranks.ranks[row], nodeRank(SEED, name));
        assert.is(ranks.name(row), name);
        if (before[row] !== undefined && before[row] !== name) assert.ok(ranks.epoch > epoch, `row ${row}`);
      }
      for (const { row, name } of expected) before[row] = name;
      before = [...before];
      epoch = ranks.epoch;
      followed++;
    };
    if (first % 2 === 0) compare();
    list.forEach(({ op, name }, i) => {
      if (op === 'add') cluster.addNode(node(name));
      else if (op === 'remove') cluster.removeNode(name);
      else if (op === 'pod') cluster.assume(pod(`p${i}`), `p${i}`, name);
      else if (i % 3 === 0) ranks.sync();
      else compare();
    });
    compare();
  };
  fc.assert(fc.property(fc.nat(70), events, law), { numRuns: 300 });
  assert.ok(followed > 1000);
});

test.run();
