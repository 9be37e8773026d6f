/**
 * The one pass over cpu and memory, plain and two rows at a time, says what the plugins' kernels say, to the last bit.
 * Amounts are made so that shares and balances fall on whole numbers, and right beside them.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Cluster } from '../../../../../core/cluster/cluster.ts';
import { Listers } from '../../../../../core/cluster/listers.ts';
import { podKey, type RoomScore, SKIP, type View } from '../../../../../core/scheduler/framework.ts';
import { createPlugin } from '../../../../../core/scheduler/plugins/registry.ts';
import { defaultArgs } from '../../../../../core/scheduler/profile.ts';
import { SplitScan } from '../../../../../core/scheduler/scan/parallel/split.ts';
import { Ranks } from '../../../../../core/scheduler/scan/ranks.ts';
import { RANKS, totalIn } from '../../../../../core/scheduler/scan/room/layout.ts';
import { MAX_CAPACITY, type RoomAsk } from '../../../../../core/scheduler/scan/room/pass.ts';
import { Room } from '../../../../../core/scheduler/scan/room/room.ts';
import { node, pod } from '../../../../support/builders.ts';
import { SlowPool } from '../../../../support/slow-pool.ts';

const EDGES = [4000, 2 ** 35, MAX_CAPACITY - 1, MAX_CAPACITY, MAX_CAPACITY + 1, 2 ** 45 - 1, 2 ** 45 - 3];

/** An amount, and what of it is taken: a whole percentage of it, give or take one unit, or anything. */
const amount = (max: number): fc.Arbitrary<{ all: number; taken: number }> => {
  const all = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(...EDGES), fc.maxSafeInteger());
  return fc.tuple(all, fc.integer({ min: 0, max: 110 }), fc.integer({ min: -1, max: 1 })).map(([any, percent, off]) => {
    const whole = EDGES.includes(any) ? any : Math.abs(any) % max;
    return { all: whole, taken: Math.max(0, Math.floor((whole / 100) * percent) + off) };
  });
};
const nodes = fc.array(
  fc.record({ cpu: amount(2 ** 40), memory: amount(MAX_CAPACITY), pods: fc.constantFrom(0, 1, 2, 110) }),
  { minLength: 1, maxLength: 12, size: 'max' },
);
/** Percent of the first node, and units more or less. */
const asks = fc.record({ percent: fc.tuple(fc.nat(101), fc.nat(101)), off: fc.tuple(unit(), unit()) });
const args = fc.record({
  type: fc.constantFrom('LeastAllocated' as const, 'MostAllocated' as const),
  weights: fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 })),
  shareWeight: fc.nat(20),
  evenWeight: fc.nat(19),
});

test('room: every row is judged as the kernels of NodeResourcesFit and NodeResourcesBalancedAllocation judge it', () => {
  const law = fc.property(nodes, asks, args, (all, asked, { type, weights, shareWeight, evenWeight }) => {
    const { view, request, cluster } = world(all, asked);
    const fitArgs = defaultArgs();
    const [cpu, memory] = weights;
    fitArgs.nodeResourcesFit.type = type;
    fitArgs.nodeResourcesFit.resources = [
      { name: 'cpu', weight: cpu },
      { name: 'memory', weight: memory },
    ];
    const fit = createPlugin('NodeResourcesFit', fitArgs);
    const even = createPlugin('NodeResourcesBalancedAllocation', fitArgs);
    assert.ok(fit && even);
    const rejectedBy = new Uint8Array(cluster.rows);
    const checked = fit.preFilter?.(request, view);
    fit.filter?.(checked, request, view, 0, cluster.rows, rejectedBy, 1);
    const ask: RoomAsk = {
      filter: { cpu: request.requests[0] || -Infinity, memory: request.requests[1] || -Infinity, pods: 1 },
      share: { weight: 0, most: false, cpu: 0, memory: 0, cpuWeight: 1, memoryWeight: 1 },
      balance: { weight: 0, cpu: 0, memory: 0 },
    };
    const expected = new Float64Array(cluster.rows);
    for (const [plugin, weight] of [
      [fit, shareWeight],
      [even, evenWeight],
    ] as const) {
      const facts = plugin.preScore?.(request, view, []);
      if (facts === SKIP) continue;
      const rows = Int32Array.from(expected, (_, n) => n);
      const scores = new Float64Array(cluster.rows);
      plugin.score?.(facts, request, view, rows, scores);
      for (let n = 0; n < scores.length; n++) expected[n] += weight * scores[n];
      fillIn(ask, plugin.roomScore?.(facts), weight);
    }
    for (const simd of [false, true]) {
      const room = new Room(cluster, new Ranks(cluster, 42), { simd });
      const { keys, found, best } = room.judge(ask);
      const odd = new Set(room.oddRows);
      const inside = Array.from(keys, (_, n) => n).filter((n) => !odd.has(n));
      const totals = inside.map((n) => (rejectedBy[n] === 0 ? expected[n] : -1));
      assert.equal(
        inside.map((n) => totalIn(keys[n])),
        totals,
        `simd ${simd}`,
      );
      assert.is(found, totals.filter((total) => total >= 0).length);
      assert.is(totalIn(best), Math.max(-1, ...totals));
      assert.ok([...odd].every((n) => keys[n] === 0));
    }
  });
  fc.assert(law, { numRuns: 3000 });
});

test('room: follows nodes and pods that come, change and go', () => {
  const step = fc.record({ what: fc.constantFrom('node', 'gone', 'pod', 'left'), which: fc.nat(8), amount: fc.nat(4) });
  const law = fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
    const cluster = new Cluster();
    const ranks = new Ranks(cluster, 42);
    const room = new Room(cluster, ranks);
    for (const { what, which, amount } of steps) {
      const incoming = pod(`p${which}`, { on: `n${amount}`, asks: { cpu: `${amount}` } });
      if (what === 'node') cluster.addNode(node(`n${which}`, { has: { cpu: `${amount}`, pods: `${amount}` } }));
      else if (what === 'gone') cluster.removeNode(`n${which}`);
      else if (what === 'pod') cluster.addPod(incoming, podKey(incoming));
      else cluster.removePod(podKey(incoming));
      const fresh = new Room(cluster, ranks, { simd: false });
      assert.equal([...room.judge(PLAIN).keys], [...fresh.judge(PLAIN).keys]);
      assert.equal([...room.oddRows].sort(), [...fresh.oddRows].sort());
    }
  });
  fc.assert(law, { numRuns: 300 });
});

for (const simd of [false, true]) {
  test(`room: threads find what one thread finds (simd ${simd})`, async () => {
    const pool = new SlowPool({ threads: 3, timeoutMs: 20_000 });
    const threads = new SplitScan(pool, 0);
    const law = fc.property(nodes, asks, fc.boolean(), (all, asked, most) => {
      const { cluster } = world(all, asked);
      const ranks = new Ranks(cluster, 42);
      const ask = { ...PLAIN, share: { ...PLAIN.share, most } };
      const alone = new Room(cluster, ranks, { simd }).judge(ask);
      const shared = new Room(cluster, ranks, { simd, threads }).judge(ask);
      assert.equal([...shared.keys], [...alone.keys]);
      assert.equal([shared.found, shared.best], [alone.found, alone.best]);
      for (const { keys, best, from, to } of [alone, shared]) {
        assert.ok(keys.every((key, n) => key < best || (from <= n && n < to)));
      }
    });
    const isHelped = (): boolean => pool.chunksByWorker.every((chunks) => chunks > 0);
    for (let i = 0; i < 20 && (i === 0 || !isHelped()); i++) fc.assert(law, { numRuns: 200 });
    assert.ok(isHelped());
    await pool.close();
  });
}

/** What plugins may write, right or wrong. */
const written = fc.oneof(
  { weight: 30, arbitrary: fc.nat(100) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 101, 0.5, Number.NaN, Infinity, -0, 99.999999) },
);

for (const simd of [false, true]) {
  test(`room: keys are raised by scores, and rows taken out, as row by row (simd ${simd})`, () => {
    const weights = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 });
    const law = fc.property(
      nodes,
      asks,
      weights,
      fc.array(written, { minLength: 40, maxLength: 40 }),
      fc.array(fc.constantFrom(0, 0, 0, 1, 7, 255), { minLength: 7, maxLength: 7 }),
      fc.constantFrom(1, 1, 1, 1, 1, 1, 3, 100),
      (all, asked, weighed, scores, rejected, times) => {
        const { cluster } = world(Array.from({ length: times }, () => all).flat(), asked);
        const room = new Room(cluster, new Ranks(cluster, 42), { simd });
        // What others refused before is forgotten.
        room.raise(room.judge(PLAIN), { weights: [], filter: (_f, _t, out) => void out.fill(1), score: () => {} });
        const verdict = room.judge(PLAIN);
        const isOut = (n: number): boolean => rejected[n % rejected.length] !== 0;
        const scoreOf = (i: number, n: number): number => scores[(n * 3 + i * 7) % scores.length];
        const kept = [...verdict.keys.keys()].filter((n) => verdict.keys[n] > 0 && !isOut(n));
        const isGood = kept.every((n) =>
          weighed.every((_, i) => Number.isInteger(scoreOf(i, n)) && scoreOf(i, n) >= 0 && scoreOf(i, n) <= 100),
        );
        const before = [...verdict.keys];
        const good = room.raise(verdict, {
          weights: weighed,
          filter: (from, to, rejectedBy) => {
            for (let n = from; n < to; n++) if (isOut(n)) rejectedBy[n] ||= rejected[n % rejected.length];
          },
          score: (i, from, to, into) => {
            assert.is(into.length, to - from);
            for (let n = from; n < to; n++) into[n - from] = scoreOf(i, n);
          },
        });
        assert.is(good, isGood);
        if (!good) return;
        const sums = weighed.length === 0 ? before : before.map((key, n) => key + sumOf(weighed, n, scoreOf) * RANKS);
        const expected = before.map((_, n) => (kept.includes(n) ? sums[n] : 0));
        assert.equal([...verdict.keys], expected);
        const best = Math.max(0, ...expected);
        assert.equal([verdict.found, verdict.best], [kept.length, best]);
        const { from, to } = verdict;
        assert.ok(best === 0 || expected.every((key, n) => key < best || (from <= n && n < to)));
      },
    );
    fc.assert(law, { numRuns: 150 });
  });
}

function sumOf(weights: readonly number[], n: number, scoreOf: (i: number, n: number) => number): number {
  return weights.reduce((sum, weight, i) => sum + weight * scoreOf(i, n), 0);
}

const PLAIN: RoomAsk = {
  filter: { cpu: 500, memory: 1, pods: 1 },
  share: { weight: 3, most: false, cpu: 500, memory: 1, cpuWeight: 1, memoryWeight: 1 },
  balance: { weight: 2, cpu: 500, memory: 1 },
};

function unit(): fc.Arbitrary<number> {
  return fc.integer({ min: -1, max: 1 });
}

type Amounts = { cpu: { all: number; taken: number }; memory: { all: number; taken: number }; pods: number };

function world(all: readonly Amounts[], { percent, off }: { percent: [number, number]; off: [number, number] }) {
  const cluster = new Cluster();
  all.forEach(({ cpu, memory, pods }, i) => {
    const has = { cpu: `${cpu.all}m`, memory: `${memory.all}`, pods: `${pods}` };
    cluster.addNode(node(`n${i}`, { has }));
    const placed = pod(`p${i}`, { on: `n${i}`, asks: { cpu: `${cpu.taken}m`, memory: `${memory.taken}` } });
    if (pods !== 1) cluster.addPod(placed, podKey(placed));
  });
  const asked = (whole: number, i: number): number => Math.max(0, Math.floor((whole / 100) * percent[i]) + off[i]);
  const requests = { cpu: `${asked(all[0].cpu.all, 0)}m`, memory: `${asked(all[0].memory.all, 1)}` };
  const incoming = pod('incoming', { asks: requests });
  const view: View = { cluster, listers: new Listers() };
  return { cluster, view, request: cluster.request(incoming, podKey(incoming)) };
}

function fillIn(ask: RoomAsk, score: RoomScore | undefined, weight: number): void {
  assert.ok(score, 'the score follows from cpu and memory');
  const { cpu, memory } = score;
  if (score.of === 'Balance') ask.balance = { weight, cpu, memory };
  else ask.share = { ...score, weight, most: score.of === 'MostAllocated', cpu, memory };
}

test.run();
