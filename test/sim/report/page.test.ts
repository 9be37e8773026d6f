import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lineChart, ticks } from '../../../sim/report/charts.ts';
import { renderPage } from '../../../sim/report/page.ts';
import type { Report } from '../../../sim/report/report.ts';

const nasty = `<script>alert(1)</script>"'&`;
const series = {
  arrived_pct: [0, 65, 100, 130],
  alloc_pct: [0, 65, 90, 91],
  frag_pct_of_total: [13, 12, null, 9],
  frag_pct_of_idle: [13, 30, 90, 99],
};
const report: Report = {
  title: `title ${nasty}`,
  summary: nasty,
  madeAt: '2026-01-01T00:00:00Z',
  cards: [{ label: nasty, value: nasty, note: nasty }],
  runs: [
    { policy: `FGD ${nasty}`, seed: 42, hash: 'a', series },
    { policy: 'Random', seed: 42, hash: 'b', series },
  ],
  published: [100, 130].map((arrivedPct) => ({ policy: 'Random', metric: 'alloc_pct', arrivedPct, mean: 86, std: 1 })),
  comparisons: [
    {
      workload: 'w',
      policy: 'Random',
      metric: 'alloc_pct',
      arrivedPct: 100,
      mean: 90,
      std: 0,
      seeds: 1,
      published: 86,
      publishedStd: 1,
      tolerance: 2,
      within: false,
    },
  ],
  explained: {
    pod: nasty,
    asks: nasty,
    message: nasty,
    counts: [{ plugin: nasty, reason: nasty, nodes: 3, alone: 4 }],
    sample: [{ node: nasty, has: nasty, plugin: nasty, reasons: [nasty] }],
  },
  reproduce: [nasty],
  origin: [nasty],
};

test('page: nothing is fetched and nothing runs', () => {
  const page = renderPage(report);
  assert.not.match(page, /<(script|link|img|iframe|object|embed)\b/i);
  assert.not.match(page, /\b(src|href|srcset|action)\s*=|url\((?!#)|@import|\bon\w+\s*=\s*"/i);
});
test('page: text from outside stays text', () => {
  const page = renderPage(report);
  assert.not.match(page, /<script>alert/);
  assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
});
test('page: elements that are opened are closed, in order', () => {
  const page = renderPage(report).replace(/<!doctype html>|<style>[\s\S]*?<\/style>/g, '');
  const open: string[] = [];
  for (const [, close, name, selfClosed] of page.matchAll(/<(\/?)([a-zA-Z][\w]*)[^>]*?(\/?)>/g)) {
    if (selfClosed || name === 'meta') continue;
    if (!close) open.push(name);
    else assert.is(open.pop(), name);
  }
  assert.equal(open, []);
});
test('page: own figure, published figure, difference and verdict stand together', () => {
  const page = renderPage(report);
  assert.ok(page.includes('90.00'));
  assert.ok(page.includes('86.00 (+4.00)'));
  assert.ok(page.includes('✗ outside'));
});
test('page: the same report is the same page', () => assert.is(renderPage(report), renderPage(report)));
test('page: a report without runs still is a page', () => {
  assert.ok(
    renderPage({ ...report, runs: [], published: [], comparisons: [], explained: undefined }).includes('</html>'),
  );
});

const tickCases = [
  { name: 'percent of the whole', from: 0, to: 130, count: 6, is: [0, 50, 100] },
  { name: 'a close-up', from: 80, to: 130, count: 6, is: [80, 90, 100, 110, 120, 130] },
  { name: 'fractions without rounding dust', from: 0, to: 0.3, count: 3, is: [0, 0.1, 0.2, 0.3] },
  { name: 'a range that does not begin on a step', from: 3, to: 17, count: 3, is: [5, 10, 15] },
  { name: 'an empty range has one', from: 5, to: 5, count: 4, is: [5] },
];
for (const { name, from, to, count, is } of tickCases) {
  test(`ticks: ${name}`, () => assert.equal(ticks(from, to, count), is));
}

test('lineChart: names at line ends never overlap and stay inside', () => {
  const lines = Array.from({ length: 8 }, (_, tone) => ({
    name: `p${tone}`,
    tone,
    points: [
      { x: 0, y: 0 },
      { x: 1, y: 99 },
    ],
  }));
  const axis = { label: '%', from: 0, to: 1 };
  const { text } = lineChart({ id: 'c', title: 't', summary: 's', x: axis, y: { ...axis, to: 100 }, lines });
  const ys = [...text.matchAll(/class="name" x="[\d.]+" y="([\d.]+)"/g)]
    .map(([, y]) => Number(y))
    .sort((a, b) => a - b);
  assert.is(ys.length, 8);
  for (let i = 1; i < ys.length; i++) assert.ok(ys[i] - ys[i - 1] >= 13.9);
  assert.ok(ys[0] > 0 && ys[7] < 300);
});
test('lineChart: values that are no numbers do not break the drawing', () => {
  const axis = { label: '%', from: 0, to: 1 };
  const points = [
    { x: 0, y: Number.NaN },
    { x: 1, y: Number.POSITIVE_INFINITY },
  ];
  const { text } = lineChart({
    id: 'c',
    title: 't',
    summary: 's',
    x: axis,
    y: axis,
    lines: [{ name: 'a', tone: 0, points }],
  });
  assert.not.match(text, /NaN|Infinity/);
});

test.run();
