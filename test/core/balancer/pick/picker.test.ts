/** A pick through all its stages: affinity, priorities, zones, slow start, ejection, and that explaining changes nothing. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explainPick } from '../../../../core/balancer/pick/explain.ts';
import { Picker } from '../../../../core/balancer/pick/picker.ts';
import { POLICIES } from '../../../../core/balancer/policies/registry.ts';
import { BalancerTables } from '../../../../core/balancer/tables/tables.ts';
import { Tried } from '../../../../core/balancer/tables/tried.ts';
import { endpoint, endpoints, oneService, SMALL_LIMITS, spread } from '../../../support/balancer.ts';

const SECOND = 1e6;

test('affinity: a client keeps its endpoint, until it was away for longer than the timeout', () => {
  const world = oneService({ policy: 'random', endpoints: endpoints(50), affinitySeconds: 10 });
  const had = world.pick(7, 0);
  let nowUs = 0;
  for (let i = 0; i < 20; i++)
    assert.is(world.pick(7, (nowUs += 10 * SECOND)), had, 'exactly the timeout, and it slides');
  const next = Array.from({ length: 5 }, () => world.pick(7, (nowUs += 10 * SECOND + 1)));
  assert.ok(next.some((index) => index !== had));
});

test('affinity: other clients and other services have endpoints of their own', () => {
  const world = oneService({ policy: 'round-robin', endpoints: endpoints(5), affinitySeconds: 10 });
  const had = [1, 2, 3, 4, 5].map((client) => world.pick(client));
  assert.is(new Set(had).size, 5);
  assert.equal(
    [1, 2, 3, 4, 5].map((client) => world.pick(client)),
    had,
  );
});

test('affinity: all workers know it', () => {
  const world = oneService({ policy: 'random', endpoints: endpoints(50), affinitySeconds: 10 });
  const other = new Picker(world.tables.shared, world.tables.join(), 99);
  for (let client = 0; client < 100; client++) {
    assert.is(world.picker.pick(world.service, spread(client), 0), other.pick(world.service, spread(client), 1));
  }
});

test('affinity: an endpoint that is no longer eligible loses its clients, and they do not come back by themselves', () => {
  const world = oneService({ policy: 'random', endpoints: endpoints(50), affinitySeconds: 1000 });
  const id = world.picker.pick(world.service, 7, 0);
  const all = world.table.endpoints;
  world.apply({ endpoints: all.filter((_, i) => i !== world.indexOf(id)) });
  const next = world.picker.pick(world.service, 7, 1);
  assert.is.not(next, id);
  world.apply({ endpoints: all });
  assert.is(world.picker.pick(world.service, 7, 2), next);
});

test('affinity: a tried endpoint is left, and the client stays with the next one', () => {
  const world = oneService({ policy: 'random', endpoints: endpoints(10), affinitySeconds: 1000 });
  const tried = new Tried();
  const first = world.picker.pick(world.service, 7, 0);
  tried.add(first);
  const second = world.picker.pick(world.service, 7, 0, tried);
  assert.is.not(second, first);
  assert.is(world.picker.pick(world.service, 7, 0), second);
});

test('affinity: at the limit of clients those away for longest are forgotten, and nothing else happens', () => {
  const world = oneService({ policy: 'random', endpoints: endpoints(50), affinitySeconds: 86_400 });
  const clients = 4 * SMALL_LIMITS.clients;
  const had = Array.from({ length: clients }, (_, i) => world.pick(spread(i), i));
  const kept = (from: number, to: number): number => {
    let same = 0;
    for (let i = from; i < to; i++)
      if (
        explainPick(world.picker, world.service, spread(i), clients).steps.some(
          (step) => step.stage === 'affinity' && step.hit,
        )
      )
        same++;
    return same / (to - from);
  };
  assert.ok(kept(clients - SMALL_LIMITS.clients / 4, clients) > 0.95, 'the last ones are there');
  assert.ok(kept(0, SMALL_LIMITS.clients) < 0.02, 'the first ones are not');
  assert.is(had.length, clients);
});

test('priorities: the second level carries what the first is short of', () => {
  const list = endpoints(20);
  const world = oneService({
    policy: 'random',
    endpoints: list,
    priorityOf: ({ address }) => (Number(address.split('.')[3]) < 10 ? 0 : 1),
  });
  assert.equal(world.counts(1000).slice(10), new Array(10).fill(0));
  const ejected = new Set([0, 1, 2, 3, 4].map((i) => world.idOf(i)));
  world.tables.eject('web', ejected, 0);
  const counts = world.counts(20_000);
  const sum = (from: number, to: number): number => counts.slice(from, to).reduce((a, b) => a + b, 0);
  assert.is(sum(0, 5), 0, 'ejected');
  assert.ok(Math.abs(sum(5, 10) - 14_000) < 400, `half of them healthy: 70 %, ${counts}`);
});

test('panic: with more than half ejected and nowhere else to go, all are picked from', () => {
  const world = oneService({ policy: 'random', endpoints: endpoints(10) });
  const eject = (count: number): Set<number> => new Set(Array.from({ length: count }, (_, i) => world.idOf(i)));
  world.tables.eject('web', eject(5), 0);
  assert.is(world.counts(2000).filter((count) => count > 0).length, 5);
  world.tables.eject('web', eject(6), 0);
  assert.is(world.counts(2000).filter((count) => count > 0).length, 10);
  const step = explainPick(world.picker, world.service, 1, 0).steps.find(({ stage }) => stage === 'group');
  assert.ok(step?.stage === 'group' && step.panic);
});

test('zones: what the own zone cannot carry goes to the zone with a surplus', () => {
  const list = endpoints(8).map((each, i) => ({ ...each, zone: i < 2 ? 'a' : 'b' }));
  const world = oneService({ policy: 'random', endpoints: list, zones: { local: 'a', clients: { a: 1, b: 1 } } });
  const counts = world.counts(20_000);
  assert.ok(Math.abs(counts[0] + counts[1] - 10_000) < 400, `${counts}`);
});

test('zones: a hashing policy keeps a client in its zone', () => {
  const list = endpoints(8).map((each, i) => ({ ...each, zone: i < 2 ? 'a' : 'b' }));
  const world = oneService({ policy: 'maglev', endpoints: list, zones: { local: 'a', clients: { a: 1, b: 1 } } });
  for (let client = 0; client < 500; client++) assert.is(world.pick(spread(client)), world.pick(spread(client)));
});

test('slow start: a new endpoint grows to its share; the first ones, and a neighbour that joins, do not restart', () => {
  const world = oneService({ policy: 'random', endpoints: endpoints(2), slowStart: { windowSeconds: 100 } });
  const share = (index: number): number => world.counts(20_000)[index] / 20_000;
  assert.ok(Math.abs(share(0) - 0.5) < 0.02, 'those that were there at the start are warm');
  world.apply({ endpoints: endpoints(3) }, 0);
  assert.ok(Math.abs(share(2) - 0.1 / 2.1) < 0.01);
  world.tables.refresh(50 * SECOND);
  assert.ok(Math.abs(share(2) - 0.5 / 2.5) < 0.02);
  world.apply({ endpoints: endpoints(4) }, 50 * SECOND);
  assert.ok(Math.abs(share(2) - 0.5 / 2.6) < 0.02, 'a neighbour joined: the window goes on');
  world.tables.refresh(100 * SECOND);
  world.tables.refresh(150 * SECOND);
  assert.ok(Math.abs(share(3) - 0.25) < 0.02);
});

test('subset: a balancer of a fleet talks to its own part', () => {
  const world = oneService({ policy: 'random', endpoints: endpoints(20), subset: { client: 3, size: 4 } });
  assert.is(world.counts(2000).filter((count) => count > 0).length, 4);
});

for (const { name } of POLICIES) {
  test(`explain: ${name}: tells the next pick, with and without tried endpoints, and changes nothing`, () => {
    const make = (): ReturnType<typeof oneService> =>
      oneService({ policy: name, endpoints: endpoints(9, [1, 2, 3]) }, 5);
    const [asked, silent] = [make(), make()];
    const tried = new Tried();
    for (let i = 0; i < 60; i++) {
      if (i % 7 === 0) tried.clear();
      const client = spread(i);
      const explained = explainPick(asked.picker, asked.service, client, i, tried);
      explainPick(asked.picker, asked.service, client, i);
      const id = asked.picker.pick(asked.service, client, i, tried);
      assert.is(explained.endpoint, id, `pick ${i}`);
      assert.is(silent.picker.pick(silent.service, client, i, tried), id, `pick ${i} by who was not asked`);
      const policy = explained.steps.find(({ stage }) => stage === 'policy');
      assert.ok(policy?.stage === 'policy' && policy.candidates.length > 0);
      if (tried.count === 0) assert.ok(policy.candidates.some(({ endpoint: candidate }) => candidate === id));
      for (const each of [asked, silent]) each.picker.onStart(id);
      if (i % 3 === 0) for (const each of [asked, silent]) each.picker.onEnd(id, i, 100 * i);
      tried.add(id);
    }
  });
}

test('explain: affinity, and a service without table or endpoints', () => {
  const world = oneService({ policy: 'random', endpoints: endpoints(9), affinitySeconds: 10 });
  const stages = (): string[] => explainPick(world.picker, world.service, 1, 0).steps.map(({ stage }) => stage);
  assert.equal(stages(), ['table', 'affinity', 'group', 'policy']);
  const id = world.picker.pick(world.service, 1, 0);
  assert.equal(stages(), ['table', 'affinity']);
  assert.is(explainPick(world.picker, world.service, 1, 0).endpoint, id);
  world.apply({ endpoints: [] });
  assert.is(explainPick(world.picker, world.service, 1, 0).endpoint, -1);
  world.tables.remove('web');
  assert.equal(explainPick(world.picker, world.service, 1, 0), { endpoint: -1, steps: [] });
});

test('an endpoint reads back as it was given', () => {
  const tables = new BalancerTables({ limits: SMALL_LIMITS });
  const list = ['10.1.2.3', '255.255.255.255', 'fd00::1', '2001:db8:0:1:1:1:1:1', '::1', '2001:db8::1:0:0:1'];
  tables.apply(
    'web',
    { policy: 'random', endpoints: list.map((address) => endpoint(0, { address, port: 65_535 })) },
    0,
  );
  const picker = new Picker(tables.shared, tables.join(), 1);
  for (const address of list) {
    const id = tables.endpointId('web', endpoint(0, { address, port: 65_535 })) as number;
    assert.is(picker.addressOf(id), address);
    assert.is(picker.portOf(id), 65_535);
  }
});

test.run();
