/** Each policy over real tables: known sequences, shares, and what it does about load. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Picker } from '../../../../core/balancer/pick/picker.ts';
import { boundOf } from '../../../../core/balancer/policies/bounded-load.ts';
import { requestWeight } from '../../../../core/balancer/policies/edf.ts';
import { retrySlot } from '../../../../core/balancer/policies/maglev.ts';
import { POLICIES } from '../../../../core/balancer/policies/registry.ts';
import { HEADER_WORDS } from '../../../../core/balancer/tables/layout.ts';
import { Tried } from '../../../../core/balancer/tables/tried.ts';
import { chiSquare, endpoint, endpoints, oneService, spread } from '../../../support/balancer.ts';

/** 99.9 % of fair samples with nine degrees of freedom are below it. */
const CHI_SQUARE_9 = 27.88;

test('random: every endpoint is equally likely', () => {
  const counts = oneService({ policy: 'random', endpoints: endpoints(10) }).counts(100_000);
  assert.ok(chiSquare(counts, new Array<number>(10).fill(1)) < CHI_SQUARE_9, `${counts}`);
});

for (const policy of ['random', 'weighted']) {
  test(`${policy}: unequal weights are shares`, () => {
    const weights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const counts = oneService({ policy, endpoints: endpoints(10, weights) }).counts(100_000);
    assert.ok(chiSquare(counts, weights) < CHI_SQUARE_9, `${counts}`);
  });
}

test('round-robin: one after the other, beginning anywhere', () => {
  const world = oneService({ policy: 'round-robin', endpoints: endpoints(3) });
  const first = world.pick();
  assert.equal([world.pick(), world.pick(), world.pick()], [(first + 1) % 3, (first + 2) % 3, first]);
  const starts = new Set(
    Array.from({ length: 30 }, (_, seed) =>
      oneService({ policy: 'round-robin', endpoints: endpoints(3) }, seed).pick(),
    ),
  );
  assert.is(starts.size, 3);
});

test('smooth: weights 5, 1, 1 give a a b a c a a, as in nginx', () => {
  const world = oneService({ policy: 'smooth', endpoints: endpoints(3, [5, 1, 1]) });
  const twice = Array.from({ length: 14 }, () => 'abc'[world.pick()]).join('');
  assert.is(twice, 'aabacaaaabacaa');
});

for (const policy of ['smooth', 'edf', 'round-robin']) {
  test(`${policy}: over the sum of weights each endpoint gets its weight, give or take one`, () => {
    const weights = [7, 1, 3, 5, 2];
    for (let seed = 1; seed <= 20; seed++) {
      const world = oneService({ policy, endpoints: endpoints(5, weights) }, seed);
      world.counts(seed);
      const counts = world.counts(18);
      counts.forEach((count, i) => {
        assert.ok(Math.abs(count - weights[i]) <= 1, `seed ${seed}: ${counts}`);
      });
    }
  });
}

test('edf: an endpoint that joins takes its share at once, and no more', () => {
  const world = oneService({ policy: 'edf', endpoints: endpoints(4, [1, 2, 1, 2]) });
  world.counts(1000);
  world.apply({ endpoints: endpoints(5, [1, 2, 1, 2, 4]) });
  const counts = world.counts(100);
  [10, 20, 10, 20, 40].forEach((expected, i) => {
    assert.ok(Math.abs(counts[i] - expected) <= 2, `${counts}`);
  });
});

// docs: intro/arch_overview/upstream/load_balancing/load_balancers, weighted least request.
const requestWeights = [
  { weight: 2, active: 4, bias: 1, expected: 0.4 },
  { weight: 2, active: 0, bias: 1, expected: 2 },
  { weight: 2, active: 4, bias: 0, expected: 2 },
  { weight: 2, active: 3, bias: 0.5, expected: 1 },
  { weight: 2, active: 3, bias: 2, expected: 0.125 },
];
for (const { weight, active, bias, expected } of requestWeights) {
  test(`least request: weight ${weight} with ${active} in flight and bias ${bias} counts as ${expected}`, () => {
    assert.is(requestWeight(weight, active, bias), expected);
  });
}

test('least-request: of two endpoints always the one with less in flight', () => {
  const world = oneService({ policy: 'least-request', endpoints: endpoints(2) });
  for (let i = 0; i < 100; i++) {
    const busy = i % 2;
    world.picker.onStart(world.idOf(busy));
    for (let k = 0; k < 10; k++) assert.is(world.pick(), 1 - busy);
    world.picker.onEnd(world.idOf(busy), 0, 1);
  }
});

test('least-request: counts what is in flight at other workers, as of the last fold', () => {
  const world = oneService({ policy: 'least-request', endpoints: endpoints(2) });
  const other = new Picker(world.tables.shared, world.tables.join(), 2);
  other.onStart(world.idOf(0));
  assert.ok(world.counts(100)[0] > 0);
  world.tables.fold();
  assert.equal(world.counts(100), [0, 100]);
});

test('least-request: weights and load share the turns; with bias 0 it is plain turns', () => {
  const world = oneService({ policy: 'least-request', endpoints: endpoints(2, [1, 3]) });
  assert.equal(world.counts(400), [100, 300]);
  for (let i = 0; i < 5; i++) world.picker.onStart(world.idOf(1));
  const counts = world.counts(300);
  // 1 to 3 / 6.
  assert.ok(Math.abs(counts[0] - 200) <= 3, `${counts}`);
  world.apply({ parameters: { bias: 0 } });
  const unbiased = world.counts(400);
  assert.ok(Math.abs(unbiased[0] - 100) <= 3, `${unbiased}`);
});

test('least-connections: the least in flight for its weight, in turns among equals', () => {
  const world = oneService({ policy: 'least-connections', endpoints: endpoints(4) });
  assert.equal(world.counts(40), [10, 10, 10, 10]);
  for (const busy of [0, 0, 1, 2, 3]) world.picker.onStart(world.idOf(busy));
  assert.equal(world.counts(30), [0, 10, 10, 10]);
  world.apply({ endpoints: endpoints(4, [9, 1, 1, 1]) });
  assert.equal(world.counts(30), [30, 0, 0, 0], 'two in flight for a weight of 9 are the least');
});

test('peak-ewma: who answers slowly gets little, until time passes', () => {
  const world = oneService({ policy: 'peak-ewma', endpoints: endpoints(3) });
  for (const [index, latencyUs] of [1000, 1000, 50_000].entries()) {
    world.picker.onStart(world.idOf(index));
    world.picker.onEnd(world.idOf(index), 0, latencyUs);
  }
  let slow = 0;
  for (let i = 0; i < 1000; i++) if (world.pick(0, 1000) === 2) slow++;
  assert.is(slow, 0, 'it loses every comparison');
  world.picker.onStart(world.idOf(0));
  world.picker.onEnd(world.idOf(0), 60e6, 1000);
  world.picker.onStart(world.idOf(1));
  world.picker.onEnd(world.idOf(1), 60e6, 1000);
  assert.ok(Array.from({ length: 100 }, () => world.pick(0, 60e6)).includes(2), 'a minute without news: 50 ms × e^-6');
});

test('peak-ewma: an endpoint without history is tried at once, and left alone until it answers', () => {
  const world = oneService({ policy: 'peak-ewma', endpoints: endpoints(2) });
  world.picker.onStart(world.idOf(0));
  world.picker.onEnd(world.idOf(0), 0, 1000);
  assert.is(world.pick(), 1);
  world.picker.onStart(world.idOf(1));
  for (let i = 0; i < 20; i++) assert.is(world.pick(), 0);
});

test('peak-ewma: failing fast attracts nobody', () => {
  const world = oneService({ policy: 'peak-ewma', endpoints: endpoints(2) });
  for (const index of [0, 1]) world.picker.onStart(world.idOf(index));
  world.picker.onEnd(world.idOf(0), 0, 20_000);
  world.picker.onError(world.idOf(1), 0, 10);
  assert.equal(
    world.counts(100, () => 0),
    [100, 0],
  );
});

test('prequal: of probes that are not hot the least latency, and the hot ones never', () => {
  const world = oneService({ policy: 'prequal', endpoints: endpoints(4), parameters: { rifQuantile: 0.7 } });
  const probe = (index: number, rif: number, latencyUs: number, nowUs = 0): void =>
    world.picker.onProbe(world.service, world.idOf(index), rif, latencyUs, nowUs);
  probe(0, 1, 900);
  probe(1, 2, 500);
  probe(2, 3, 700);
  probe(3, 50, 10);
  assert.is(world.pick(), 1);
  assert.is(world.pick(0, 1), 1, 'its raised count of requests is still not hot');
});

test('prequal: one probe is none, replies age, and endpoints that are gone do not count', () => {
  const world = oneService({ policy: 'prequal', endpoints: endpoints(3) });
  const probe = (index: number, nowUs: number): void =>
    world.picker.onProbe(world.service, world.idOf(index), 1, 10 + index, nowUs);
  const picked = (nowUs: number): string =>
    [...new Set(Array.from({ length: 60 }, () => world.pick(0, nowUs)))].toSorted().join();
  probe(0, 0);
  assert.is(picked(1), '0,1,2', 'one probe: random');
  probe(1, 0);
  assert.is(picked(1_000_000), '0,1', 'two probes, a second old');
  assert.is(picked(1_000_001), '0,1,2', 'too old: random');
  probe(0, 2_000_000);
  probe(1, 2_000_000);
  world.apply({ endpoints: [endpoint(1), endpoint(2)] });
  assert.is(picked(2_000_000), '0,1', 'one of the two is gone: random');
});

for (const policy of ['maglev', 'ring-hash', 'rendezvous', 'bounded-load']) {
  test(`${policy}: a client stays where it is, and clients spread by weight`, () => {
    const world = oneService({
      policy,
      endpoints: endpoints(4, [1, 1, 2, 4]),
      parameters: policy === 'maglev' || policy === 'rendezvous' ? {} : { minRingSize: 8192 },
    });
    for (let client = 0; client < 200; client++) assert.is(world.pick(spread(client)), world.pick(spread(client)));
    const counts = world.counts(80_000);
    [1, 1, 2, 4].forEach((weight, i) => {
      assert.ok(Math.abs(counts[i] / (10_000 * weight) - 1) < 0.1, `${counts}`);
    });
  });
}

test('maglev: another attempt looks where Envoy looks', () => {
  // The table of six hosts: 2 4 0 1 5 0 3. Hash 10 names host 1; refused, host 0; refused again, host 5.
  const table = [2, 4, 0, 1, 5, 0, 3];
  assert.equal([table[10 % 7], table[retrySlot(10, 1, 7)], table[retrySlot(10, 2, 7)]], [1, 0, 5]);
});

test('bounded-load: clients of a full endpoint go on to the next point; nobody is above the bound', () => {
  const world = oneService({ policy: 'bounded-load', endpoints: endpoints(5), parameters: { factor: 1.25 } });
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < 1000; i++) {
    const index = world.pick(7);
    world.picker.onStart(world.idOf(index));
    counts[index]++;
    const { reader } = world.picker;
    assert.ok(counts[index] <= Math.ceil((1.25 * (i + 1)) / 5), `${counts}`);
    assert.is(boundOf(reader, reader.region + HEADER_WORDS, index), Math.max(1, Math.ceil((1.25 * (i + 2)) / 5)));
  }
});

for (const { name } of POLICIES) {
  test(`${name}: an endpoint that was tried is not picked again; when all are, none is`, () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = oneService({ policy: name, endpoints: endpoints(12) }, seed);
      const tried = new Tried();
      for (let i = 0; i < 12; i++) {
        const id = world.picker.pick(world.service, spread(seed), i, tried);
        assert.ok(id >= 0 && !tried.has(id), `attempt ${i}, seed ${seed}`);
        tried.add(id);
      }
      assert.is(world.picker.pick(world.service, spread(seed), 0, tried), -1);
    }
  });

  test(`${name}: no endpoint, none picked; a single one always; weight 0 never`, () => {
    const world = oneService({ policy: name, endpoints: [] });
    assert.is(world.picker.pick(world.service, 5, 0), -1);
    world.apply({ endpoints: [endpoint(1)] });
    for (let i = 0; i < 50; i++) assert.is(world.pick(spread(i), i), 0);
    world.apply({ endpoints: [endpoint(1, { weight: 0 }), endpoint(2), endpoint(3)] });
    assert.is(world.counts(300)[0], 0);
    world.apply({ endpoints: [endpoint(1, { weight: 0 })] });
    assert.is(world.picker.pick(world.service, 5, 0), -1, 'all weights 0: quiesced');
  });
}

test.run();
