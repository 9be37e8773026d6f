import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Curves } from '../../../sim/openb/metrics.ts';

// A cluster of 100 devices: 1,000 milli are one percent.
const TOTAL = 100_000;

test('curves: 131 points from 0 to 130 %, all the same length', () => {
  const series = new Curves(TOTAL, 13_000).series();
  assert.equal(
    series.arrived_pct,
    Array.from({ length: 131 }, (_, i) => i),
  );
  for (const values of Object.values(series)) assert.is(values.length, 131);
});

test('curves: before the first event stands the empty cluster', () => {
  const curves = new Curves(TOTAL, 13_000);
  curves.observe(2000, 2000, 9800);
  const { alloc_pct, frag_pct_of_total, frag_pct_of_idle } = curves.series();
  assert.equal([alloc_pct[0], frag_pct_of_total[0], frag_pct_of_idle[0]], [0, 13, 13]);
  assert.equal([alloc_pct[2], frag_pct_of_total[2], frag_pct_of_idle[2]], [2, 9.8, 10]);
});

const bins = [
  { name: 'just below half a percent is bin 0', arrived: 499, bin: 0 },
  { name: 'half a percent is bin 1', arrived: 500, bin: 1 },
  { name: 'just below one and a half is bin 1', arrived: 1499, bin: 1 },
  { name: '130.4 % is the last bin', arrived: 130_400, bin: 130 },
];
for (const { name, arrived, bin } of bins) {
  test(`curves: ${name}`, () => {
    const curves = new Curves(TOTAL, 0);
    curves.observe(arrived, 77_000, 0);
    const { alloc_pct } = curves.series();
    assert.is(alloc_pct[bin], 77);
    assert.is(alloc_pct[bin - 1] ?? 0, 0);
  });
}

test('curves: what lies beyond the last bin is left out', () => {
  const curves = new Curves(TOTAL, 0);
  curves.observe(130_500, 77_000, 0);
  assert.is(curves.series().alloc_pct[130], 0);
});

test('curves: a bin is the mean over its events, CPU-only arrivals included, and idle shares are averaged themselves', () => {
  const curves = new Curves(TOTAL, 0);
  curves.observe(9800, 10_000, 9000);
  curves.observe(10_000, 20_000, 8000);
  curves.observe(10_000, 20_000, 4000);
  const { alloc_pct, frag_pct_of_total, frag_pct_of_idle } = curves.series();
  assert.is(alloc_pct[10], 16.6667);
  assert.is(frag_pct_of_total[10], 7);
  assert.is(frag_pct_of_idle[10], 8.3333); // (10 + 10 + 5) / 3
});

test('curves: a bin without events shows the one before', () => {
  const curves = new Curves(TOTAL, 0);
  curves.observe(10_000, 10_000, 900);
  curves.observe(13_000, 13_000, 1740);
  const { alloc_pct, frag_pct_of_idle } = curves.series();
  assert.equal(alloc_pct.slice(9, 14), [0, 10, 10, 10, 13]);
  assert.equal(frag_pct_of_idle.slice(9, 14), [0, 1, 1, 1, 2]);
  assert.is(alloc_pct[130], 13);
});

test('curves: a cluster without anything idle has no fragment', () => {
  const curves = new Curves(TOTAL, 0);
  curves.observe(100_000, 100_000, 0);
  assert.is(curves.series().frag_pct_of_idle[100], 0);
});

test.run();
