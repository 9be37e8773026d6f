/**
 * Whatever the scenario: no request is lost, waiting is first come, first served as a naive replay has it, nobody is served
 * by who is down or gone, nothing stays in flight, and the same input gives the same bytes.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { POLICIES } from '../../../core/index.ts';
import { checkEvents } from '../../../sim/service/events.ts';
import { makeRequests } from '../../../sim/service/requests.ts';
import { resultOf } from '../../../sim/service/result.ts';
import { runService } from '../../../sim/service/run.ts';
import { durationUs, type Scenario, type ServiceEvent } from '../../../sim/service/scenario.ts';
import { NONE } from '../../../sim/service/servers.ts';
import { Simulation } from '../../../sim/service/simulation.ts';
import { policyOf, scenarioOf } from '../../support/service.ts';

const work = fc.constantFrom(
  { kind: 'fixed', meanUs: 1000, shape: 0 } as const,
  { kind: 'exp', meanUs: 1000, shape: 0 } as const,
  { kind: 'pareto', meanUs: 1000, shape: 1.2 } as const,
);
const calm = fc
  .record({
    requests: fc.integer({ min: 1, max: 300 }),
    load: fc.constantFrom(0.3, 0.9, 3),
    work,
    servers: fc.integer({ min: 1, max: 6 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
    speeds: fc.array(fc.constantFrom(0.5, 1, 2), { minLength: 1, maxLength: 3 }),
    weighted: fc.boolean(),
    balancers: fc.integer({ min: 1, max: 3 }),
    clients: fc.integer({ min: 1, max: 20 }),
    attempts: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ requests, load, work: drawn, ...changes }) => scenarioOf({ requests, load, work: drawn }, changes));

/** Shares of the run's time. */
const share = fc.integer({ min: 0, max: 20 }).map((n) => n / 20);
const troubles = fc.record({
  fails: fc.array(fc.record({ server: fc.nat(7), from: share, to: share }), { maxLength: 4 }),
  scales: fc.array(fc.record({ servers: fc.integer({ min: 1, max: 6 }), at: share }), { maxLength: 3 }),
  rollout: fc.option(fc.record({ from: share, to: share })),
});
const troubled = fc.tuple(calm, troubles).map(([scenario, { fails, scales, rollout }]): Scenario => {
  const end = durationUs(scenario);
  const events: ServiceEvent[] = [
    ...fails.map(({ server, from, to }) => ({ kind: 'fail' as const, server, fromUs: from * end, toUs: to * end })),
    ...scales.map(({ servers, at }) => ({ kind: 'scale' as const, servers, atUs: at * end })),
    ...(rollout ? [{ kind: 'rollout' as const, fromUs: rollout.from * end, toUs: rollout.to * end }] : []),
  ];
  // Events are taken one by one, as long as they can happen together.
  const taken: ServiceEvent[] = [];
  for (const event of events) {
    taken.push(event);
    if (problemsOf({ ...scenario, events: taken }).length > 0) taken.pop();
  }
  return { ...scenario, events: taken };
});
const policies = fc.constantFrom(...POLICIES.map(({ name }) => policyOf(name)));
const seeds = fc.nat(1000);
const RUNS = { numRuns: 400 };

test('first come, first served: every server serves as a naive replay of its own requests does', () => {
  fc.assert(
    fc.property(calm, policies, seeds, (scenario, policy, seed) => {
      const { requests, answeredBy, endUs, servers } = simulate(scenario, policy, seed);
      for (let server = 0; server < servers.count; server++) {
        const free = new Array<number>(scenario.concurrency).fill(0);
        for (let i = 0; i < requests.count; i++) {
          if (answeredBy[i] !== server) continue;
          const place = free.indexOf(Math.min(...free));
          free[place] = Math.max(requests.atUs[i], free[place]) + requests.workUs[i] / servers.speeds[server];
          assert.is(endUs[i], free[place], `request ${i} at server ${server}`);
        }
      }
    }),
    RUNS,
  );
});

test('nobody is lost: each request is answered once or failed, and nothing stays in flight', () => {
  fc.assert(
    fc.property(troubled, policies, seeds, (scenario, policy, seed) => {
      const { requests, answeredBy, failed, servers, fleet } = simulate(scenario, policy, seed);
      const answered = answeredBy.filter((server) => server !== NONE).length;
      assert.is(answered + failed, requests.count);
      assert.is(
        servers.served.reduce((sum, one) => sum + one, 0),
        answered,
      );
      assert.equal([...servers.present], new Array(servers.count).fill(0));
      for (const { reader } of fleet.pickers) {
        for (let i = 0; i < reader.loads.length; i++)
          assert.is(reader.loads[i], 0, 'a balancer counts work that has ended');
      }
    }),
    RUNS,
  );
});

test('nobody is served by a server that is down, or was replaced before the request came', () => {
  fc.assert(
    fc.property(troubled, policies, seeds, (scenario, policy, seed) => {
      const { requests, answeredBy, endUs, timeline } = simulate(scenario, policy, seed);
      const fails = scenario.events.filter((event) => event.kind === 'fail');
      for (let i = 0; i < requests.count; i++) {
        const server = answeredBy[i];
        if (server === NONE) continue;
        for (const fail of fails) {
          assert.not(
            fail.server === server && endUs[i] >= fail.fromUs && endUs[i] < fail.toUs,
            `request ${i} while down`,
          );
        }
        // Who has an endpoint at its end had one when it came, or later where it was sent once more.
        const tables = timeline.steps.filter((step) => 'live' in step && step.atUs <= endUs[i]);
        const since = tables.findLast((step) => step.atUs <= requests.atUs[i]);
        const after = tables.filter((step) => step.atUs > requests.atUs[i]);
        const first = Array.from({ length: scenario.servers }, (_, n) => n);
        const possible = [
          since && 'live' in since ? since.live : first,
          ...after.map((step) => ('live' in step ? step.live : [])),
        ];
        assert.ok(
          possible.some((live) => live.includes(server)),
          `request ${i} at server ${server}, which was gone`,
        );
      }
    }),
    RUNS,
  );
});

test('refused requests go elsewhere: with one server up and attempts for all, none fails', () => {
  fc.assert(
    fc.property(calm, policies, seeds, (quiet, policy, seed) => {
      const scenario: Scenario = { ...quiet, attempts: 16, servers: quiet.servers + 1 };
      const end = durationUs(scenario);
      const down = Array.from({ length: quiet.servers }, (_, server) => server);
      const events = down.map((server) => ({ kind: 'fail' as const, server, fromUs: end / 4, toUs: end / 2 }));
      assert.is(runService({ ...scenario, events }, policy, seed).failed, 0);
    }),
    RUNS,
  );
});

test('the same input gives the same bytes, and requests do not depend on the policy', () => {
  fc.assert(
    fc.property(troubled, policies, seeds, (scenario, policy, seed) => {
      const once = JSON.stringify(runService(scenario, policy, seed));
      assert.is(JSON.stringify(runService(scenario, policy, seed)), once);
      assert.is(JSON.stringify(runService(scenario, policy, seed, makeRequests(scenario, seed))), once);
    }),
    { numRuns: 100 },
  );
});

test('shares are shares: servers are busy from 0 to 1, and greatest over mean is at least 1', () => {
  fc.assert(
    fc.property(troubled, policies, seeds, (scenario, policy, seed) => {
      const { servers, imbalance, moves, latency } = resultOf(simulate(scenario, policy, seed));
      for (const { busy } of servers) assert.ok(busy >= 0 && busy <= 1 + 1e-9, `${busy}`);
      assert.ok(imbalance.busy >= 1 - 1e-9 && imbalance.requests >= 1 - 1e-9);
      for (const { moved, seen, least } of moves) assert.ok(moved <= seen && least >= 0 && least <= 1);
      if (latency) {
        const { p50, p90, p99, p999, max } = latency;
        assert.equal(
          [p50, p90, p99, p999, max],
          [p50, p90, p99, p999, max].toSorted((a, b) => a - b),
        );
      }
    }),
    RUNS,
  );
});

function simulate(...[scenario, policy, seed]: [Scenario, ReturnType<typeof policyOf>, number]): Simulation {
  const simulation = new Simulation(scenario, policy, seed, makeRequests(scenario, seed));
  while (simulation.advance(7));
  return simulation;
}

function problemsOf(scenario: Scenario): string[] {
  const problems: string[] = [];
  checkEvents(scenario, (_, message) => problems.push(message));
  return problems;
}

test.run();
