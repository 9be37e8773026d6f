/** The kernel of amounts says of every row what NodeResourcesFit and NodeResourcesBalancedAllocation say. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Cluster } from '../../../../core/cluster/cluster.ts';
import { Listers } from '../../../../core/cluster/listers.ts';
import { AmountsKernel, type WeighedAmounts } from '../../../../core/scheduler/engine/amounts-kernel.ts';
import { RowFacts } from '../../../../core/scheduler/engine/row-facts.ts';
import type { CheckedResource } from '../../../../core/scheduler/framework.ts';
import type { AnyPackedPlugin } from '../../../../core/scheduler/plugins/registry.ts';
import { defaultProfile } from '../../../../core/scheduler/profile.ts';
import { makeProfile } from '../../../../core/scheduler/scan/scan-profile.ts';
import { node, pod } from '../../../support/builders.ts';

// Fractions that end on whole hundredths, and others; nodes that lack cpu or memory; pods that ask for nothing.
// Any small amount of any small capacity: many products with a reciprocal end just below a whole number.
const milli = fc.integer({ min: 1, max: 120 }).map((amount) => `${amount}m`);
// Whole hundredths, which doubles miss now and then.
const tens = fc.integer({ min: 1, max: 90 }).map((amount) => `${10 * amount}m`);
const cpu = fc.oneof(milli, tens, fc.constantFrom('0', '1m', '100m', '250m', '333m', '1', '3', '4', '64'));
const bytes = fc.integer({ min: 1, max: 120 }).map(String);
const memory = fc.oneof(bytes, fc.constantFrom('0', '1', '500Mi', '1Gi', '1000000000', '4Gi', '31Gi'));
const gpu = fc.constantFrom('0', '1', '4');
/** Mostly room for several pods. */
const size = (some: fc.Arbitrary<string>, large: string, small: readonly string[]): fc.Arbitrary<string> => {
  return fc.oneof({ weight: 2, arbitrary: some }, { weight: 3, arbitrary: fc.constantFrom(large, ...small) });
};
const asks = fc.record({ cpu, memory, 'example.com/gpu': gpu }, { requiredKeys: [] });
const args = fc.record({
  type: fc.constantFrom('LeastAllocated' as const, 'MostAllocated' as const),
  cpuWeight: fc.integer({ min: 1, max: 4 }),
  memoryWeight: fc.integer({ min: 1, max: 4 }),
  shares: fc.integer({ min: 1, max: 5 }),
  balance: fc.integer({ min: 1, max: 5 }),
});
const worlds = fc.record({
  nodes: fc.array(
    fc.record({
      cpu: size(cpu, '64', ['1', '1', '1', '49m', '98m', '103m', '107m', '161m']),
      memory: size(memory, '64Gi', ['100', '100', '100', '49', '98', '103', '107', '161']),
      'example.com/gpu': gpu,
      pods: fc.constantFrom('0', '2', '9', '110', '110'),
    }),
    {
      minLength: 1,
      maxLength: 12,
      size: 'max',
    },
  ),
  placed: fc.array(fc.record({ asks, at: fc.nat(11) }), { maxLength: 40, size: 'max' }),
  asks,
  args,
});

type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;

test('amounts kernel: the same as the kernels of the two plugins', () => {
  let fitting = 0;
  let refused = 0;
  const law = ({ nodes, placed, asks: wanted, args: chosen }: World): void => {
    const cluster = new Cluster();
    nodes.forEach((has, i) => void cluster.addNode(node(`n${i}`, { has })));
    placed.forEach(({ asks: taken, at }, i) => {
      const name = `p${i}`;
      cluster.assume(pod(name, { asks: taken }), name, `n${at % nodes.length}`);
    });
    const view = { cluster, listers: new Listers() };
    const profile = defaultProfile();
    const { args: all } = profile;
    all.nodeResourcesFit = {
      ...all.nodeResourcesFit,
      type: chosen.type,
      resources: [
        { name: 'cpu', weight: chosen.cpuWeight },
        { name: 'memory', weight: chosen.memoryWeight },
      ],
    };
    const { filters, scores } = makeProfile(profile, new Map());
    const request = cluster.request(pod('incoming', { asks: wanted }), 'incoming');
    const fit = filters.find(({ name }) => name === 'NodeResourcesFit') as AnyPackedPlugin;
    const facts = fit.preFilter?.(request, view);
    const checked = fit.checkedResources?.(facts) as readonly CheckedResource[];
    const refusedBy = new Uint8Array(cluster.rows);
    fit.filter?.(facts, request, view, 0, cluster.rows, refusedBy, 1);
    const weighed: WeighedAmounts[] = [];
    const expected = new Float64Array(cluster.rows);
    const rows = Int32Array.from({ length: cluster.rows }, (_, n) => n);
    for (const [name, weight] of [
      ['NodeResourcesFit', chosen.shares],
      ['NodeResourcesBalancedAllocation', chosen.balance],
    ] as const) {
      const plugin = scores.find((other) => other.plugin.name === name)?.plugin as AnyPackedPlugin;
      const scoreFacts = plugin.preScore?.(request, view, []);
      if (typeof scoreFacts === 'symbol') continue;
      const raw = new Float64Array(cluster.rows);
      plugin.score?.(scoreFacts, request, view, rows, raw);
      raw.forEach((score, n) => {
        expected[n] += weight * score;
      });
      const score = plugin.roomScore?.(scoreFacts);
      assert.ok(score, `${name} has a kernel of amounts`);
      weighed.push({ weight, score });
    }
    const lines = new RowFacts(cluster);
    lines.sync();
    const found = new Float64Array(cluster.rows);
    new AmountsKernel(checked, weighed, lines, cluster.columns).judge(rows, cluster.rows, found);
    for (let n = 0; n < cluster.rows; n++) {
      if (refusedBy[n] !== 0) refused++;
      else fitting++;
      assert.is(found[n], refusedBy[n] !== 0 ? -1 : expected[n], `node n${n}`);
    }
  };
  fc.assert(fc.property(worlds, law), { numRuns: 4000 });
  assert.ok(fitting > 1000 && refused > 1000, `${fitting} fitting, ${refused} refused`);
});

test.run();
