import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bandOf, compare, runsToCsv, stdOf, toleranceOf } from '../../../sim/report/numbers.ts';
import type { Run } from '../../../sim/report/report.ts';

const run = (policy: string, seed: number, alloc: (number | null)[]): Run => ({
  policy,
  seed,
  hash: 'h',
  series: {
    arrived_pct: alloc.map((_, i) => i * 50),
    alloc_pct: alloc,
    frag_pct_of_total: alloc.map(() => 1),
    frag_pct_of_idle: alloc.map(() => null),
  },
});

test('bandOf: mean, lowest and highest for each percent', () => {
  assert.equal(bandOf([run('A', 1, [0, 10]), run('A', 2, [0, 30])], 'alloc_pct'), [
    { x: 0, mean: 0, low: 0, high: 0 },
    { x: 50, mean: 20, low: 10, high: 30 },
  ]);
});
test('bandOf: a percent in which no pod arrived is left out', () => {
  assert.equal(
    bandOf([run('A', 1, [5, null, 7])], 'alloc_pct').map(({ x }) => x),
    [0, 100],
  );
});
test('bandOf: no runs, no points', () => assert.equal(bandOf([], 'alloc_pct'), []));

test('stdOf: the sample deviation, 0 for one value', () => {
  assert.is(stdOf([1, 3]), Math.SQRT2);
  assert.is(stdOf([7]), 0);
});

const tolerances = [
  { name: 'a small published spread leaves half a point', std: 0.1, tolerance: 0.5 },
  { name: 'at a quarter point both rules agree', std: 0.25, tolerance: 0.5 },
  { name: 'a large published spread allows two of it', std: 3, tolerance: 6 },
];
for (const { name, std, tolerance } of tolerances)
  test(`toleranceOf: ${name}`, () => assert.is(toleranceOf(std), tolerance));

const judged = [
  { name: 'equal means are within', own: 90, within: true },
  { name: 'exactly the tolerance is within', own: 90.5, within: true },
  { name: 'just beyond it is not', own: 90.501, within: false },
  { name: 'below counts as above does', own: 89.499, within: false },
];
for (const { name, own, within } of judged) {
  test(`compare: ${name}`, () => {
    const published = [{ policy: 'A', metric: 'alloc_pct' as const, arrivedPct: 50, mean: 90, std: 0.1 }];
    const [row] = compare('w', [run('A', 1, [0, own])], published, [{ metric: 'alloc_pct', arrivedPct: 50 }]);
    assert.is(row.within, within);
  });
}
test('compare: what nobody published is reported and not judged', () => {
  const [row] = compare('w', [run('A', 1, [0, 5])], [], [{ metric: 'alloc_pct', arrivedPct: 50 }]);
  assert.is(row.mean, 5);
  assert.is(row.within, undefined);
});
test('compare: a point that no run reached has no row', () => {
  assert.equal(compare('w', [run('A', 1, [0, null])], [], [{ metric: 'alloc_pct', arrivedPct: 50 }]), []);
});

test('runsToCsv: a row for each percent, empty where nothing was measured, quotes only where needed', () => {
  assert.is(
    runsToCsv([run('a,"b"', 42, [1.5])]),
    'policy,seed,hash,arrived_pct,alloc_pct,frag_pct_of_total,frag_pct_of_idle\n"a,""b""",42,h,0,1.5,1,\n',
  );
});

test.run();
