/** A pick by WebAssembly is that of the policy's own `choose`, whatever is applied, begun and ended; and so is what it draws. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ServiceTable } from '../../../../core/balancer/pick/arrange.ts';
import { Picker } from '../../../../core/balancer/pick/picker.ts';
import { POLICIES } from '../../../../core/balancer/policies/registry.ts';
import { BalancerTables } from '../../../../core/balancer/tables/tables.ts';
import { endpoints, SMALL_LIMITS } from '../../../support/balancer.ts';

const RUNS = Number(process.env.RUNS ?? 0);
const SERVICES = 3;

/** Tables, one who picks from them, and the numbers of what is in flight. */
class Side {
  readonly tables: BalancerTables;
  readonly picker: Picker;
  readonly running: number[] = [];

  constructor(plain: boolean, seed: number) {
    this.tables = new BalancerTables({ limits: SMALL_LIMITS, plain });
    this.picker = new Picker(this.tables.shared, this.tables.join(), seed);
  }

  /** What the step answers: the endpoint of a pick. */
  do(step: Step, nowUs: number): number {
    if ('table' in step) {
      this.tables.apply(`s${step.service}`, step.table, nowUs);
      return 0;
    }
    if ('ends' in step) {
      if (this.running.length === 0) return 0;
      const [ended] = this.running.splice(step.ends % this.running.length, 1);
      if (step.failed) this.picker.onError(ended, nowUs, step.latencyUs);
      else this.picker.onEnd(ended, nowUs, step.latencyUs);
      return ended;
    }
    if ('probed' in step) {
      const target = this.picker.probeTarget(step.probed);
      if (target >= 0) this.picker.onProbe(step.probed, target, step.rif, step.latencyUs, nowUs);
      return target;
    }
    const endpoint = this.picker.pick(step.pick, step.client, nowUs);
    if (endpoint >= 0 && step.begins) {
      this.picker.onStart(endpoint);
      this.running.push(endpoint);
    }
    return endpoint;
  }
}

type Step =
  | { service: number; table: ServiceTable }
  | { ends: number; failed: boolean; latencyUs: number }
  | { probed: number; rif: number; latencyUs: number }
  | { pick: number; client: number; begins: boolean };

const names = POLICIES.map(({ name }) => name);
const service = fc.nat(SERVICES - 1);
const latencyUs = fc.integer({ min: 1, max: 100_000 });
const table = fc
  .record({
    policy: fc.constantFrom(...names),
    count: fc.oneof(fc.nat(4), fc.nat(60)),
    weights: fc.constantFrom([1], [1, 2, 5]),
    affinitySeconds: fc.constantFrom(0, 0, 0, 60),
    choices: fc.integer({ min: 1, max: 3 }),
    probesPerPick: fc.constantFrom(0, 1, 3),
    rifQuantile: fc.constantFrom(0, 0.5, 0.84, 1),
    tauMs: fc.integer({ min: 1, max: 20_000 }),
  })
  .map(({ policy, count, weights, affinitySeconds, ...given }): ServiceTable => {
    const { parameters } = POLICIES[names.indexOf(policy)];
    const known = Object.entries(given).filter(([name]) => parameters.some((each) => each.name === name));
    return { policy, endpoints: endpoints(count, weights), affinitySeconds, parameters: Object.fromEntries(known) };
  });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: fc.record({ service, table }) },
    { weight: 4, arbitrary: fc.record({ ends: fc.nat(100), failed: fc.boolean(), latencyUs }) },
    { weight: 4, arbitrary: fc.record({ probed: service, rif: fc.nat(8), latencyUs }) },
    { weight: 12, arbitrary: fc.record({ pick: service, client: fc.integer(), begins: fc.boolean() }) },
  ),
  { minLength: 20, maxLength: 300, size: 'max' },
);

test('picks by WebAssembly and in JavaScript are the same, step by step', () => {
  const first = fc.tuple(...Array.from({ length: SERVICES }, () => table));
  const pauses = fc.constantFrom(1, 1000, 200_000);
  fc.assert(
    fc.property(first, steps, pauses, fc.integer(), (tables, told, pauseUs, seed) => {
      const sides = [new Side(false, seed), new Side(true, seed)];
      const all: Step[] = [...tables.map((each, i) => ({ service: i, table: each })), ...told];
      all.forEach((step, i) => {
        const [one, other] = sides.map((side) => side.do(step, (i + 1) * pauseUs));
        assert.is(one, other, JSON.stringify(step));
      });
      const [one, other] = sides.map(({ picker }) => [...picker.reader.draws.save()]);
      assert.equal(one, other, 'draws');
    }),
    { numRuns: RUNS || 150 },
  );
});

test('no service, no endpoint', () => {
  const side = new Side(false, 1);
  side.tables.apply('s0', { policy: 'random', endpoints: [] }, 0);
  assert.is(side.do({ pick: 0, client: 1, begins: false }, 1), -1);
  assert.is(side.do({ pick: 2, client: 1, begins: false }, 1), -1);
});

test.run();
