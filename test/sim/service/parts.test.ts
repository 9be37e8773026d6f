/** Parts that runs are made of: who is counted as moved, what servers reply to probes, charts and the page. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Disruption } from '../../../sim/service/disruption.ts';
import { renderServicePage } from '../../../sim/service/page.ts';
import { ProbeReplies } from '../../../sim/service/probe-replies.ts';
import { rowChart } from '../../../sim/service/row-chart.ts';
import { runService } from '../../../sim/service/run.ts';
import { durationUs, type Scenario } from '../../../sim/service/scenario.ts';
import { summarize } from '../../../sim/service/summary.ts';
import { EXPONENTIAL, policyOf, scenarioOf } from '../../support/service.ts';

const change = { kind: 'scale', atUs: 0, live: [], least: 0.25 } as const;

test('disruption: the last server before a change and the first after it count, and nothing between changes', () => {
  const disruption = new Disruption(4);
  for (const server of [7, 8, 9]) disruption.sent(0, server);
  disruption.sent(1, 1);
  disruption.sent(2, 2);
  disruption.begin(change);
  disruption.sent(0, 9);
  disruption.sent(0, 8);
  disruption.sent(1, 2);
  disruption.sent(3, 1);
  assert.equal(disruption.totals(), [{ kind: 'scale', changes: 1, seen: 2, moved: 1, least: 0.25 }]);
});
test('disruption: who did not ask between two changes counts for neither', () => {
  const disruption = new Disruption(2);
  disruption.sent(0, 1);
  disruption.begin(change);
  disruption.begin({ ...change, kind: 'rollout', least: 0.5 });
  disruption.sent(0, 2);
  assert.equal(disruption.totals(), [
    { kind: 'scale', changes: 1, seen: 0, moved: 0, least: 0.25 },
    { kind: 'rollout', changes: 1, seen: 0, moved: 0, least: 0.5 },
  ]);
});

test('probe replies: nothing at first, then the median at about the same load', () => {
  const replies = new ProbeReplies(2);
  assert.is(replies.latencyUs(1, 3), 0);
  for (let i = 0; i < 1000; i++) replies.observe(1, 2, i % 10 === 0 ? 1e9 : 100);
  assert.ok(replies.latencyUs(1, 2) > 80 && replies.latencyUs(1, 2) < 150, 'one in ten does not move a median');
  assert.is(replies.latencyUs(1, 0), replies.latencyUs(1, 2));
  assert.is(replies.latencyUs(1, 1_000_000), replies.latencyUs(1, 2), 'the nearest load that was seen');
  replies.observe(1, 4, 500);
  assert.is(replies.latencyUs(1, 3), replies.latencyUs(1, 2), 'the lower of two as near');
  assert.is(replies.latencyUs(1, 4), 500);
  assert.is(replies.latencyUs(0, 4), 0, 'another server');
});

const nasty = `<script>alert(1)</script>"'&`;
const calm = scenarioOf({ requests: 3000, load: 0.5, work: EXPONENTIAL }, { clients: 50 });
const end = durationUs(calm);
const events: Scenario['events'] = [
  { kind: 'fail', server: 1, fromUs: end / 8, toUs: end / 4 },
  { kind: 'scale', servers: 12, atUs: end / 2 },
  { kind: 'rollout', fromUs: 0.6 * end, toUs: 0.8 * end },
];
const runs = ['random', 'maglev'].flatMap((name) =>
  [1, 2].map((seed) => runService({ ...calm, events }, { ...policyOf(name), label: `${name} ${nasty}` }, seed)),
);
const page = renderServicePage({
  title: nasty,
  summary: nasty,
  madeAt: '2026-01-01T00:00:00Z',
  cards: [{ label: nasty, value: nasty, note: nasty }],
  runs,
  reproduce: [nasty],
  origin: [nasty],
});

test('page: nothing is fetched, nothing runs, text from outside stays text', () => {
  assert.not.match(page, /<(script|link|img|iframe|object|embed)\b/i);
  assert.not.match(page, /\b(src|href|srcset|action)\s*=|url\((?!#)|@import|\bon\w+\s*=\s*"/i);
});
test('page: elements that are opened are closed, in order, and no figure is missing', () => {
  const open: string[] = [];
  for (const [, close, name, selfClosed] of page
    .replace(/<!doctype html>|<style>[\s\S]*?<\/style>/g, '')
    .matchAll(/<(\/?)([a-zA-Z][\w]*)[^>]*?(\/?)>/g)) {
    if (selfClosed || name === 'meta') continue;
    if (!close) open.push(name);
    else assert.is(open.pop(), name);
  }
  assert.equal(open, []);
  assert.not.match(page, /NaN|undefined|Infinity/);
});
test('page: the figures of the table are those of the runs', () => {
  const [random] = summarize(runs);
  assert.ok(page.includes(`<td>${(random.p99 as number).toPrecision(3)}</td>`));
  assert.ok(page.includes(`<td>${random.peak}</td>`));
});
test('page: without events there is no word of clients sent elsewhere; with nothing answered, no NaN', () => {
  const down = runService(
    { ...calm, events: Array.from({ length: 10 }, (_, server) => ({ kind: 'fail', server, fromUs: 0, toUs: 9e12 })) },
    policyOf('random'),
    1,
  );
  assert.is(down.failed, 3000);
  assert.is(down.latency, null);
  const empty = renderServicePage({
    title: '',
    summary: '',
    madeAt: '',
    cards: [],
    runs: [down],
    reproduce: [],
    origin: [],
  });
  assert.not.match(empty, /NaN|undefined|Infinity|sent elsewhere/);
});

for (const log of [true, false]) {
  for (const values of [[], [0], [5], [1e-6, 1e9], [99, 100]]) {
    test(`row chart: ${values.length > 0 ? values : 'nothing'} ${log ? 'by powers of ten' : 'from 0'} stays inside`, () => {
      const rows = [
        {
          name: 'a name that is longer than the place for it',
          tone: 0,
          joined: true,
          dots: values.map((value) => ({ value })),
        },
      ];
      const { text } = rowChart({ id: 'x', title: '', summary: '', label: '', log, rows });
      for (const [, x] of text.matchAll(/<circle cx="([^"]*)"/g)) assert.ok(Number(x) >= 166 && Number(x) <= 502, x);
      assert.ok((text.match(/class="tick"/g) ?? []).length < 20);
      assert.not.match(text, /NaN|Infinity/);
    });
  }
}

test.run();
