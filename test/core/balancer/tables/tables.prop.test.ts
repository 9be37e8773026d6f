/** Random histories of services, endpoints, work and workers: the tables say what they were given, and picks keep to it. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../../core/balancer/endpoint.ts';
import { Picker } from '../../../../core/balancer/pick/picker.ts';
import { POLICIES } from '../../../../core/balancer/policies/registry.ts';
import { checkTables } from '../../../../core/balancer/tables/check.ts';
import { BalancerTables } from '../../../../core/balancer/tables/tables.ts';
import { endpoint, SMALL_LIMITS, spread } from '../../../support/balancer.ts';

// Few names, endpoints and policies on purpose: they come back, so numbers and blocks are used again.
const lists = fc.uniqueArray(fc.record({ n: fc.nat(7), weight: fc.nat(2), zone: fc.constantFrom('a', 'b') }), {
  selector: ({ n }) => n,
  size: 'max',
  maxLength: 8,
});
const commands = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('apply' as const),
      name: fc.nat(2),
      list: lists,
      policy: fc.constantFrom(...POLICIES.map(({ name }) => name)),
      affinitySeconds: fc.constantFrom(0, 1),
      zoned: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('remove' as const), name: fc.nat(2) }),
    fc.record({ kind: fc.constant('eject' as const), name: fc.nat(2), which: fc.nat(255) }),
    fc.record({ kind: fc.constant('pass' as const), worker: fc.nat(1) }),
    fc.record({ kind: fc.constant('collect' as const) }),
    fc.record({ kind: fc.constant('start' as const), worker: fc.nat(1), name: fc.nat(2), client: fc.nat(5) }),
    fc.record({ kind: fc.constant('end' as const) }),
  ),
  { size: 'max', maxLength: 60 },
);

type Command = typeof commands extends fc.Arbitrary<(infer C)[]> ? C : never;

const ROOM = 512;

class History {
  readonly tables = new BalancerTables({
    // What goes is free only once the workers have passed: room for every command of a history that nobody passes.
    limits: { ...SMALL_LIMITS, endpoints: ROOM, services: 64, arenaBytes: 1 << 23 },
  });
  readonly pickers = [1, 2].map((seed) => new Picker(this.tables.shared, this.tables.join(), seed));
  readonly lists = new Map<string, BackendEndpoint[]>();
  readonly work: { picker: Picker; id: number }[] = [];
  nowUs = 0;

  run(command: Command): void {
    this.nowUs += 1000;
    const { tables } = this;
    switch (command.kind) {
      case 'apply': {
        const { list, policy, affinitySeconds, zoned } = command;
        const made = list.map(({ n, weight, zone }) => endpoint(n, { weight, zone }));
        const zones = zoned ? { local: 'a', clients: { a: 1, b: 1 }, minEndpoints: 1 } : undefined;
        tables.apply(`${command.name}`, { policy, endpoints: made, affinitySeconds, zones }, this.nowUs);
        this.lists.set(`${command.name}`, made);
        return;
      }
      case 'remove':
        tables.remove(`${command.name}`);
        this.lists.delete(`${command.name}`);
        return;
      case 'eject': {
        const ids = (this.lists.get(`${command.name}`) ?? []).map(
          (each) => tables.endpointId(`${command.name}`, each) as number,
        );
        tables.eject(`${command.name}`, new Set(ids.filter((_, i) => (command.which >> i) % 2 === 1)), this.nowUs);
        return;
      }
      case 'pass':
        this.pickers[command.worker].pass();
        return;
      case 'collect':
        tables.collect(this.nowUs);
        return;
      case 'start':
        this.start(this.pickers[command.worker], `${command.name}`, command.client);
        return;
      case 'end': {
        const ended = this.work.pop();
        ended?.picker.onEnd(ended.id, this.nowUs, 500);
      }
    }
  }

  start(picker: Picker, name: string, client: number): void {
    const service = this.tables.serviceId(name);
    const list = this.lists.get(name);
    assert.is(service === undefined, list === undefined);
    if (service === undefined || list === undefined) return;
    const id = picker.pick(service, spread(client), this.nowUs);
    const able = list.filter(({ weight }) => weight !== 0);
    assert.is(id < 0, able.length === 0, 'something is picked exactly if there is something');
    if (id < 0) return;
    assert.ok(
      able.some((each) => this.tables.endpointId(name, each) === id),
      `${id} is an endpoint of ${name}`,
    );
    picker.onStart(id);
    this.work.push({ picker, id });
  }
}

test('tables: after any history every region, number and block is as the checker makes it, and picks keep to the list', () => {
  fc.assert(
    fc.property(commands, (all) => {
      const history = new History();
      for (const command of all) {
        history.run(command);
        assert.equal(checkTables(history.tables), []);
        for (const { id } of history.work) {
          assert.is(history.tables.inFlight(id), history.work.filter((each) => each.id === id).length);
        }
      }
      // In the end nothing is lost: all work done, all workers past, everything removed.
      while (history.work.length > 0) history.run({ kind: 'end' });
      for (const name of [0, 1, 2]) history.run({ kind: 'remove', name });
      for (const picker of history.pickers) picker.pass();
      history.tables.collect(history.nowUs);
      assert.is(history.tables.arena.used, 0);
      assert.is(history.tables.slots.room, ROOM);
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  );
});

test.run();
