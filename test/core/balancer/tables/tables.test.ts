/** The writer: what a change rewrites, when memory is used again, limits, and bad input. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../../core/balancer/endpoint.ts';
import { Picker } from '../../../../core/balancer/pick/picker.ts';
import { checkTables } from '../../../../core/balancer/tables/check.ts';
import { AUX, HEADER_WORDS, SIZE } from '../../../../core/balancer/tables/layout.ts';
import { BalancerTables } from '../../../../core/balancer/tables/tables.ts';
import { ApiError } from '../../../../core/errors.ts';
import { endpoint, endpoints, oneService, SMALL_LIMITS } from '../../../support/balancer.ts';

const random = (list: readonly BackendEndpoint[]): { policy: string; endpoints: readonly BackendEndpoint[] } => ({
  policy: 'random',
  endpoints: list,
});

test('tables: a change of one service leaves the region of every other where it is', () => {
  const tables = new BalancerTables({ limits: SMALL_LIMITS });
  for (let i = 0; i < 10; i++) tables.apply(`s${i}`, random(endpoints(5)), 0);
  const before = tables.directory.slice();
  tables.apply('s3', random(endpoints(6)), 0);
  const moved = before.findIndex((region, id) => region !== tables.directory[id]);
  assert.is(moved, tables.serviceId('s3'));
  assert.is(before.filter((region, id) => region !== tables.directory[id]).length, 1);
});

test('tables: the same endpoints in another order publish nothing', () => {
  const world = oneService({ policy: 'maglev', endpoints: endpoints(20) });
  const epoch = world.tables.passed();
  assert.is(world.apply({ endpoints: endpoints(20).toReversed() }), epoch);
  assert.ok(world.apply({ endpoints: endpoints(19) }) > epoch);
});

test('tables: a Maglev table is copied, not built, where its endpoints are the same', () => {
  const world = oneService({ policy: 'maglev', endpoints: endpoints(20) });
  const { words } = world.tables.arenas;
  const [region] = world.tables.directory;
  words[words[region + HEADER_WORDS + AUX] + 3] = 0x12345;
  world.apply({ affinitySeconds: 10 });
  const [next] = world.tables.directory;
  assert.is.not(next, region);
  assert.is(words[words[next + HEADER_WORDS + AUX] + 3], 0x12345);
  assert.match(checkTables(world.tables).join(), /maglev would build another table/);
});

test('tables: an endpoint keeps its number, so its load and latency, whatever joins or leaves', () => {
  const world = oneService(random(endpoints(4)));
  const ids = [0, 1, 2, 3].map((i) => world.idOf(i));
  world.picker.onStart(ids[3]);
  world.apply({ endpoints: [endpoint(9), endpoint(3), endpoint(1)] });
  assert.equal([world.idOf(1), world.idOf(2)], [ids[3], ids[1]]);
  assert.is(world.tables.inFlight(ids[3]), 1);
});

test('tables: memory is used again once every worker has passed, and not before', () => {
  const world = oneService(random(endpoints(100)));
  const { tables } = world;
  const second = new Picker(tables.shared, tables.join(), 2);
  const [old] = tables.directory;
  const epoch = world.apply({ endpoints: endpoints(99) });
  const used = tables.arena.used;
  tables.collect(0);
  assert.is(tables.arena.used, used, 'nobody has passed');
  world.picker.pass();
  tables.collect(0);
  assert.is(tables.arena.used, used, 'the second worker has not');
  assert.ok(tables.passed() < epoch);
  second.pass();
  assert.is(tables.passed(), epoch);
  tables.collect(0);
  assert.ok(tables.arena.used < used);
  world.apply({ endpoints: endpoints(100) });
  assert.is(tables.directory[0], old, 'the freed block is the next one of its size');
  assert.equal(checkTables(tables), []);
});

test('tables: a worker that does not pass is reported once after the grace time, and never blocks the writer', () => {
  const stalled: number[] = [];
  const tables = new BalancerTables({
    limits: SMALL_LIMITS,
    graceUs: 1000,
    onStalled: (worker) => stalled.push(worker),
  });
  tables.apply('web', random(endpoints(3)), 0);
  const picker = new Picker(tables.shared, tables.join(), 1);
  const hung = tables.join();
  for (let nowUs = 0; nowUs <= 5000; nowUs += 100) {
    tables.apply('web', random(endpoints(3 + ((nowUs / 100) % 2))), nowUs);
    picker.pass();
    tables.collect(nowUs);
    assert.equal(stalled, nowUs > 1000 ? [hung] : [], `at ${nowUs} µs`);
  }
  const kept = tables.arena.used;
  tables.leave(hung);
  tables.collect(6000);
  assert.ok(tables.arena.used < kept / 10, 'what it held is free once it has left');
  assert.is(tables.join(), hung, 'its place is the next one');
  assert.equal(checkTables(tables), []);
});

test('tables: a worker that passes late is not reported, and may be later', () => {
  const stalled: number[] = [];
  const tables = new BalancerTables({
    limits: SMALL_LIMITS,
    graceUs: 1000,
    onStalled: (worker) => stalled.push(worker),
  });
  const picker = new Picker(tables.shared, tables.join(), 1);
  for (let nowUs = 0; nowUs <= 9900; nowUs += 900) {
    tables.apply('web', random(endpoints(1 + ((nowUs / 900) % 2))), nowUs);
    tables.collect(nowUs);
    picker.pass();
    tables.collect(nowUs);
  }
  assert.equal(stalled, []);
  tables.apply('web', random(endpoints(7)), 10_000);
  tables.collect(10_000);
  tables.collect(12_000);
  assert.equal(stalled, [picker.reader.worker]);
});

test('tables: the number of an endpoint that is gone is used again when nothing is in flight there', () => {
  const world = oneService(random(endpoints(2)));
  const { tables, picker } = world;
  const gone = world.idOf(1);
  picker.onStart(gone);
  world.apply({ endpoints: endpoints(1) });
  picker.pass();
  tables.collect(0);
  assert.is(tables.endpointId('web', endpoint(1)), gone, 'it has work still');
  picker.onEnd(gone, 0, 1);
  assert.is(tables.takeOutcome(gone).successes, 1);
  tables.collect(0);
  assert.is(tables.endpointId('web', endpoint(1)), undefined);
  world.apply({ endpoints: [endpoint(0), endpoint(5)] });
  assert.is(world.idOf(1), gone, 'the next endpoint gets it');
  picker.onStart(gone);
  picker.onEnd(gone, 0, 1);
  assert.is(tables.takeOutcome(gone).successes, 1, 'what the one before it did is forgotten');
  assert.is(tables.inFlight(gone), 0);
  assert.equal(checkTables(tables), []);
});

test('tables: an endpoint is not ejected for what the one did that had its number before', () => {
  const world = oneService(random(endpoints(3)));
  const bad = world.idOf(2);
  world.tables.eject('web', new Set([bad]), 0);
  assert.is(world.counts(300)[2], 0);
  world.apply({ endpoints: endpoints(2) });
  world.picker.pass();
  world.tables.collect(0);
  world.apply({ endpoints: [endpoint(0), endpoint(1), endpoint(9)] });
  assert.is(world.idOf(2), bad);
  assert.ok(world.counts(300)[2] > 50);
});

test('tables: an endpoint that comes back while it drains has its number still', () => {
  const world = oneService(random(endpoints(2)));
  const gone = world.idOf(1);
  world.picker.onStart(gone);
  world.apply({ endpoints: endpoints(1) });
  world.apply({ endpoints: endpoints(2) });
  assert.is(world.idOf(1), gone);
  world.picker.onEnd(gone, 0, 1);
  world.picker.pass();
  world.tables.collect(0);
  assert.is(world.idOf(1), gone);
  assert.equal(checkTables(world.tables), []);
});

test('tables: a service that is gone has no endpoint, and its number is used again', () => {
  const world = oneService(random(endpoints(2)));
  const { tables, picker } = world;
  const id = world.idOf(0);
  picker.onStart(id);
  tables.remove('web');
  assert.is(picker.pick(world.service, 0, 0), -1);
  assert.is(tables.serviceId('web'), undefined);
  tables.apply('other', random(endpoints(1)), 0);
  assert.is.not(tables.serviceId('other'), world.service, 'work is in flight there still');
  picker.onEnd(id, 0, 1);
  picker.pass();
  tables.collect(0);
  tables.apply('third', random(endpoints(1)), 0);
  assert.is(tables.serviceId('third'), world.service);
  assert.equal(checkTables(tables), []);
});

const limits = [
  {
    name: 'endpoints',
    limits: { endpoints: 10 },
    apply: (tables: BalancerTables) => tables.apply('b', random(endpoints(6)), 0),
    message: /service b: 6 more endpoints; there is room for 5/,
  },
  {
    name: 'services',
    limits: { services: 1 },
    apply: (tables: BalancerTables) => tables.apply('b', random([]), 0),
    message: /service b: there are 1 services already/,
  },
  {
    name: 'the arena',
    limits: { arenaBytes: 4096 },
    apply: (tables: BalancerTables) => tables.apply('b', { policy: 'maglev', endpoints: endpoints(40) }, 0),
    message: /service b: no room in the arena of 4096 bytes/,
  },
  {
    name: 'workers',
    limits: { workers: 1 },
    apply: (tables: BalancerTables) => {
      tables.join();
      tables.join();
    },
    message: /workers: 1 workers pick already/,
  },
];
for (const { name, limits: few, apply, message } of limits) {
  test(`tables: the limit of ${name} is an error, and all tables stay as they were`, () => {
    const tables = new BalancerTables({ limits: { ...SMALL_LIMITS, ...few } });
    tables.apply('a', random(endpoints(5)), 0);
    assert.throws(
      () => apply(tables),
      (error: unknown) => error instanceof ApiError && message.test(error.message),
    );
    assert.is(tables.serviceId('b'), undefined);
    assert.equal(checkTables(tables), []);
    tables.apply('a', random(endpoints(4)), 0);
  });
}

test('tables: a region that finds no room leaves the service as it was, its new endpoints included', () => {
  const tables = new BalancerTables({ limits: { ...SMALL_LIMITS, arenaBytes: 8192 } });
  tables.apply('a', random(endpoints(5)), 0);
  tables.apply('a', random(endpoints(4)), 0);
  const [region] = tables.directory;
  assert.throws(() => tables.apply('a', { policy: 'maglev', endpoints: endpoints(60) }, 0), /no room in the arena/);
  assert.is(tables.directory[0], region);
  assert.is(tables.endpointId('a', endpoint(50)), undefined);
  assert.ok(tables.endpointId('a', endpoint(4)) !== undefined, 'it drains as before');
  assert.equal(checkTables(tables), []);
});

test('tables: outcomes of all workers are told once, with the longest row of failures', () => {
  const world = oneService(random(endpoints(2)));
  const other = new Picker(world.tables.shared, world.tables.join(), 2);
  const id = world.idOf(1);
  const end = (picker: Picker, fails: boolean): void => {
    picker.onStart(id);
    if (fails) picker.onError(id, 0, 1);
    else picker.onEnd(id, 0, 1);
  };
  for (const fails of [true, false, true]) end(world.picker, fails);
  for (const fails of [false, true, true]) end(other, fails);
  assert.equal(world.tables.takeOutcome(id), { successes: 2, failures: 4, trailing: 2 });
  assert.equal(world.tables.takeOutcome(id), { successes: 0, failures: 0, trailing: 2 });
  end(other, true);
  assert.equal(world.tables.takeOutcome(id), { successes: 0, failures: 1, trailing: 3 });
  assert.equal(world.tables.takeOutcome(world.idOf(0)), { successes: 0, failures: 0, trailing: 0 });
});

test('tables: bad input names every problem at once, and the last good table stays', () => {
  const world = oneService(random(endpoints(2)));
  const table = {
    policy: 'fastest',
    affinitySeconds: 86_401,
    subset: { client: -1, size: 0 },
    endpoints: [
      endpoint(0, { port: 0 }),
      endpoint(1, { port: 70_000 }),
      endpoint(2, { address: '10.0.0.256' }),
      endpoint(3, { weight: -1 }),
      endpoint(4),
      endpoint(4),
    ],
  };
  try {
    world.tables.apply('web', table, 0);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ApiError);
    assert.equal(
      (error as ApiError).problems.map(({ path }) => path),
      [
        'policy',
        'affinitySeconds',
        'subset',
        'endpoints[0].port',
        'endpoints[1].port',
        'endpoints[2].address',
        'endpoints[3].weight',
        'endpoints[5]',
      ],
    );
  }
  assert.is(
    world.counts(10).reduce((sum, count) => sum + count, 0),
    10,
  );
});

for (const [parameters, message] of [
  [{ choices: 17 }, /parameters.choices: 17 is not from 1 to 16/],
  [{ choises: 2 }, /parameters.choises: least-request has no such parameter/],
] as const) {
  test(`tables: a wrong parameter of a policy: ${message.source}`, () => {
    const tables = new BalancerTables({ limits: SMALL_LIMITS });
    assert.throws(() => tables.apply('a', { policy: 'least-request', endpoints: [], parameters }, 0), message);
  });
}

test('tables: the checker sees a wrong weight, a wrong port and lost memory', () => {
  const world = oneService(random(endpoints(4)));
  const { tables } = world;
  const [region] = tables.directory;
  assert.equal(checkTables(tables), []);
  tables.slots.rows[12 * world.idOf(2) + 1]++;
  assert.match(checkTables(tables).join(), /endpoint 2 of web is 10.0.0.2:8081, not 10.0.0.2:8080/);
  tables.slots.rows[12 * world.idOf(2) + 1]--;
  tables.arenas.reals[(region + HEADER_WORDS + 8) >> 1] = 7;
  assert.match(checkTables(tables).join(), /is not what its endpoints make/);
  tables.arenas.reals[(region + HEADER_WORDS + 8) >> 1] = 1;
  tables.arena.allocate(tables.arenas.words[region + SIZE]);
  assert.match(checkTables(tables).join(), /arena: blocks end at/);
});

test.run();
