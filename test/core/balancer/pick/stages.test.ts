/** What stands in front of policies, each by itself: zones, slow start, subsets, outlier ejection. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OutlierDetector, type OutlierOptions } from '../../../../core/balancer/pick/outlier-ejection.ts';
import { slowStartFactor } from '../../../../core/balancer/pick/slow-start.ts';
import { subsetOf } from '../../../../core/balancer/pick/subset.ts';
import { zoneShares } from '../../../../core/balancer/pick/zone-aware.ts';

const zoneCases: {
  name: string;
  endpoints: Record<string, number>;
  clients: Record<string, number>;
  shares: Record<string, number> | undefined;
}[] = [
  {
    name: 'as many endpoints as clients in every zone: all stays local',
    endpoints: { a: 3, b: 3 },
    clients: { a: 1, b: 1 },
    shares: { a: 1, b: 0 },
  },
  {
    name: 'half as many endpoints as clients: half spills to the zone with a surplus',
    endpoints: { a: 2, b: 6 },
    clients: { a: 1, b: 1 },
    shares: { a: 0.5, b: 0.5 },
  },
  {
    name: 'what spills goes by surplus: b has none, c and d share it 1 to 3',
    endpoints: { a: 1, b: 2, c: 3, d: 4 },
    clients: { a: 50, b: 20, c: 20, d: 10 },
    shares: { a: 0.2, b: 0, c: 0.2, d: 0.6 },
  },
  {
    name: 'fewer than six endpoints: zones are ignored',
    endpoints: { a: 2, b: 3 },
    clients: { a: 1, b: 1 },
    shares: undefined,
  },
  { name: 'six endpoints are enough', endpoints: { a: 5, b: 1 }, clients: { a: 1, b: 1 }, shares: { a: 1, b: 0 } },
  {
    name: 'no endpoint in the own zone: zones are ignored',
    endpoints: { b: 9 },
    clients: { a: 1, b: 1 },
    shares: undefined,
  },
  { name: 'no client known: zones are ignored', endpoints: { a: 6 }, clients: {}, shares: undefined },
];
for (const { name, endpoints, clients, shares } of zoneCases) {
  test(`zones: ${name}`, () => {
    const found = zoneShares(new Map(Object.entries(endpoints)), clients, 'a');
    if (shares === undefined) {
      assert.is(found, undefined);
      return;
    }
    for (const [zone, share] of Object.entries(shares))
      assert.ok(Math.abs((found?.get(zone) ?? -1) - share) < 1e-9, zone);
  });
}

const slowCases = [
  { name: 'just born: the least weight', ageUs: 0, aggression: 1, minWeight: 0.1, factor: 0.1 },
  { name: 'under a second counts as a second', ageUs: 0, aggression: 1, minWeight: 0, factor: 1 / 60 },
  { name: 'half the window, linear', ageUs: 30e6, aggression: 1, minWeight: 0.1, factor: 0.5 },
  { name: 'half the window, twice as aggressive', ageUs: 30e6, aggression: 2, minWeight: 0.1, factor: Math.SQRT1_2 },
  { name: 'the whole window', ageUs: 60e6, aggression: 1, minWeight: 0.1, factor: 1 },
  { name: 'there from the beginning', ageUs: Number.POSITIVE_INFINITY, aggression: 1, minWeight: 0.1, factor: 1 },
];
for (const { name, ageUs, aggression, minWeight, factor } of slowCases) {
  test(`slow start: ${name}`, () => {
    const found = slowStartFactor(ageUs, { windowSeconds: 60, aggression, minWeight });
    assert.ok(Math.abs(found - factor) < 1e-12, `${found}`);
  });
}

const items = Array.from({ length: 12 }, (_, i) => `e${i}`);
const same = (item: string): string => item;

test('subsets: the clients of one round share all endpoints out, each to one', () => {
  const hands = [0, 1, 2, 3].flatMap((client) => subsetOf(items, same, client, 3));
  assert.equal(hands.toSorted(), items.toSorted());
});

test('subsets: do not depend on the order of endpoints; another round deals anew', () => {
  assert.equal(subsetOf(items, same, 5, 3), subsetOf(items.toReversed(), same, 5, 3));
  assert.is.not(subsetOf(items, same, 0, 3).join(), subsetOf(items, same, 4, 3).join());
});

test('subsets: with fewer endpoints than wanted, all of them', () => {
  assert.equal(subsetOf(items, same, 7, 12).toSorted(), items.toSorted());
});

test('subsets: endpoints have as many clients as any other, give or take one a round', () => {
  const counts = new Map(items.map((item) => [item, 0]));
  for (let client = 0; client < 1000; client++) {
    for (const item of subsetOf(items, same, client, 5)) counts.set(item, (counts.get(item) ?? 0) + 1);
  }
  const values = [...counts.values()];
  // 500 rounds of two hands of five deal ten of twelve: 417 on average, and chance leaves out two each time.
  assert.ok(Math.min(...values) > 370 && Math.max(...values) < 460, `${values}`);
});

const failing = { successes: 0, failures: 1, trailing: 1 };
const fine = { successes: 1, failures: 0, trailing: 0 };

function detector(count: number, options: OutlierOptions = {}): OutlierDetector {
  const made = new OutlierDetector(options, 0);
  made.setEndpoints(Array.from({ length: count }, (_, i) => i));
  return made;
}

function fail(outliers: OutlierDetector, endpoint: number, times: number, nowUs = 0): void {
  for (let i = 0; i < times; i++) outliers.observe(endpoint, failing, nowUs);
}

test('outliers: the fifth failure in a row ejects, the fourth does not', () => {
  const outliers = detector(10);
  fail(outliers, 3, 4);
  assert.equal([...outliers.ejected()], []);
  fail(outliers, 3, 1);
  assert.equal([...outliers.ejected()], [3]);
});

test('outliers: a success in between begins the row anew', () => {
  const outliers = detector(10);
  fail(outliers, 3, 4);
  outliers.observe(3, fine, 0);
  fail(outliers, 3, 4);
  assert.equal([...outliers.ejected()], []);
});

test('outliers: news of a success counts only the failures after it', () => {
  const outliers = detector(10);
  fail(outliers, 3, 4);
  outliers.observe(3, { successes: 1, failures: 9, trailing: 4 }, 0);
  assert.equal([...outliers.ejected()], []);
});

test('outliers: one may always be ejected, a second only within ten percent', () => {
  for (const [count, expected] of [
    [3, [0]],
    [19, [0]],
    [20, [0, 1]],
  ] as const) {
    const outliers = detector(count);
    for (const endpoint of [0, 1, 2]) fail(outliers, endpoint, 5);
    assert.equal([...outliers.ejected()], expected, `${count} endpoints`);
  }
});

test('outliers: the first ejection lasts 30 s, the second in a row 60 s, and no more than 300 s', () => {
  const outliers = detector(10, { intervalSeconds: 1 });
  let nowUs = 0;
  for (const seconds of [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300]) {
    fail(outliers, 0, 5, nowUs);
    outliers.sweep(nowUs + 1e6 * seconds - 1);
    assert.is(outliers.ejected().size, 1, `still out before ${seconds} s`);
    nowUs += 1e6 * (seconds + 1);
    outliers.sweep(nowUs);
    assert.is(outliers.ejected().size, 0, `back after ${seconds} s`);
  }
});

test('outliers: every healthy sweep takes one ejection back', () => {
  const outliers = detector(10);
  fail(outliers, 0, 5, 0);
  outliers.sweep(30e6);
  outliers.sweep(40e6);
  fail(outliers, 0, 5, 41e6);
  outliers.sweep(71e6);
  assert.is(outliers.ejected().size, 0, 'the second ejection lasts 30 s again');
});

test('outliers: a success rate below mean - 1.9 standard deviations ejects at the sweep', () => {
  const outliers = detector(20, { consecutiveFailures: 0 });
  for (let i = 0; i < 20; i++) {
    outliers.observe(i, { successes: i === 7 ? 60 : 99, failures: i === 7 ? 40 : 1, trailing: 0 }, 0);
  }
  outliers.sweep(9.9e6);
  assert.is(outliers.ejected().size, 0, 'not before the sweep');
  outliers.sweep(10e6);
  assert.equal([...outliers.ejected()], [7]);
});

const rateCases = [
  { name: 'four endpoints with requests enough are too few', busy: 4, requests: 100 },
  { name: '99 requests are too few', busy: 20, requests: 99 },
];
for (const { name, busy, requests } of rateCases) {
  test(`outliers by success rate: ${name}`, () => {
    const outliers = detector(20, { consecutiveFailures: 0, successRateStdevs: 0.5 });
    for (let i = 0; i < busy; i++) {
      outliers.observe(i, { successes: i === 0 ? 0 : requests, failures: i === 0 ? requests : 0, trailing: 0 }, 0);
    }
    outliers.sweep(10e6);
    assert.is(outliers.ejected().size, 0);
  });
}

test('outliers by failure percentage: 85 % is out, 84 % is not, and off by default', () => {
  for (const [failures, percent, expected] of [
    [85, 85, 1],
    [84, 85, 0],
    [100, 0, 0],
  ]) {
    const outliers = detector(20, { consecutiveFailures: 0, failurePercent: percent, successRateStdevs: 100 });
    for (let i = 0; i < 20; i++) {
      const failed = i === 0 ? failures : 0;
      outliers.observe(i, { successes: 100 - failed, failures: failed, trailing: 0 }, 0);
    }
    outliers.sweep(10e6);
    assert.is(outliers.ejected().size, expected, `${failures} %`);
  }
});

test('outliers: endpoints that are gone are forgotten, the others keep their history', () => {
  const outliers = detector(10);
  fail(outliers, 0, 5);
  fail(outliers, 1, 4);
  outliers.setEndpoints([1, 2]);
  assert.equal([...outliers.ejected()], []);
  fail(outliers, 1, 1);
  assert.equal([...outliers.ejected()], [1]);
});

test.run();
