/**
 * What queueing theory and the papers say of balancing, found again by the simulator with fixed seeds. Bounds are well
 * beyond what twelve other seeds gave.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Latency, ServiceRun } from '../../../sim/service/result.ts';
import { runService } from '../../../sim/service/run.ts';
import { durationUs, type Scenario } from '../../../sim/service/scenario.ts';
import { EXPONENTIAL, HEAVY, MEAN_US, policyOf, scenarioOf } from '../../support/service.ts';

const MEAN_MS = MEAN_US / 1000;
const SEEDS = [1, 2, 3];

for (const load of [0.3, 0.7]) {
  for (const policy of [policyOf('random'), policyOf('least-request', { choices: 1 })]) {
    test(`${policy.name} with one choice: each server is M/M/1; mean time ${MEAN_MS} ms / (1 - ${load})`, () => {
      const scenario = scenarioOf({ requests: 300_000, load, work: EXPONENTIAL }, { servers: 20 });
      near(latencyOf(scenario, policy.name, 1, policy.parameters).mean, MEAN_MS / (1 - load), 0.05);
    });
  }
}

test('M/G/1: squared variation 4 waits as Pollaczek and Khinchine say', () => {
  const scenario = scenarioOf(
    { requests: 400_000, load: 0.6, work: { kind: 'hyper', meanUs: MEAN_US, shape: 4 } },
    { servers: 1 },
  );
  near(latencyOf(scenario, 'random', 1).mean - MEAN_MS, (0.6 * MEAN_MS * (1 + 4)) / 2 / (1 - 0.6), 0.08);
});

test('M/D/1: fixed work waits half as long as exponential work', () => {
  const scenario = scenarioOf(
    { requests: 300_000, load: 0.7, work: { kind: 'fixed', meanUs: MEAN_US, shape: 0 } },
    { servers: 1 },
  );
  near(latencyOf(scenario, 'random', 1).mean - MEAN_MS, (0.7 * MEAN_MS) / 2 / (1 - 0.7), 0.05);
});

test('M/M/4: four places wait as Erlang C says', () => {
  const scenario = scenarioOf({ requests: 300_000, load: 0.7, work: EXPONENTIAL }, { servers: 1, concurrency: 4 });
  near(latencyOf(scenario, 'random', 1).mean - MEAN_MS, (erlangC(4, 0.7) * MEAN_MS) / (4 * (1 - 0.7)), 0.1);
});

test('two choices: the longest queue of 100 servers, 90 % loaded, is far shorter than with one', () => {
  const scenario = scenarioOf({ requests: 200_000, load: 0.9, work: EXPONENTIAL }, { servers: 100 });
  for (const seed of SEEDS) {
    const one = runService(scenario, policyOf('random'), seed);
    const two = runService(scenario, policyOf('least-request'), seed);
    const three = runService(scenario, policyOf('least-request', { choices: 3 }), seed);
    assert.ok(one.peak > 40, `one choice: ${one.peak}`);
    assert.ok(two.peak < 12, `two choices: ${two.peak}`);
    assert.ok(three.peak <= two.peak, `three choices: ${three.peak}`);
    assert.ok(p99(two) < p99(one) / 3, `p99 ${p99(two)} beside ${p99(one)}`);
  }
});

test('heavy tails: least request is far ahead of round robin', () => {
  const scenario = scenarioOf({ requests: 100_000, load: 0.8, work: HEAVY }, { servers: 20 });
  for (const seed of SEEDS) {
    const turns = runService(scenario, policyOf('round-robin'), seed);
    const least = runService(scenario, policyOf('least-request'), seed);
    assert.ok(p99(least) < p99(turns) / 2, `p99 ${p99(least)} beside ${p99(turns)}`);
    assert.ok((least.latency as Latency).mean < (turns.latency as Latency).mean / 2);
  }
});

test('uneven servers behind several balancers: prequal is ahead of two choices, and round robin drowns', () => {
  const scenario = scenarioOf(
    { requests: 100_000, load: 0.7, work: EXPONENTIAL },
    { servers: 40, speeds: [1, 1, 1, 0.25], balancers: 8 },
  );
  for (const seed of SEEDS) {
    const prequal = p99(runService(scenario, policyOf('prequal'), seed));
    const two = p99(runService(scenario, policyOf('least-request'), seed));
    const turns = p99(runService(scenario, policyOf('round-robin'), seed));
    assert.ok(prequal < two / 3, `p99 ${prequal} beside ${two}`);
    assert.ok(two < turns / 10, `p99 ${two} beside ${turns}`);
  }
});

test('prequal: load and latency of the probed servers together are ahead of either alone', () => {
  const scenario = scenarioOf(
    { requests: 100_000, load: 0.7, work: EXPONENTIAL },
    { servers: 40, speeds: [1, 1, 1, 0.25], balancers: 8 },
  );
  for (const seed of SEEDS) {
    const [load, both, latency] = [0, 0.5, 1].map((rifQuantile) =>
      p99(runService(scenario, policyOf('prequal', { rifQuantile }), seed)),
    );
    assert.ok(both < 0.9 * load, `p99 ${both} beside ${load} by load`);
    assert.ok(both < 0.9 * latency, `p99 ${both} beside ${latency} by latency`);
  }
});

test('two choices with several balancers, each counting its own requests only, are worse than with one', () => {
  const shape = { requests: 100_000, load: 0.9, work: EXPONENTIAL };
  const alone = runService(scenarioOf(shape, { servers: 50 }), policyOf('least-request'), 1);
  const many = runService(scenarioOf(shape, { servers: 50, balancers: 32 }), policyOf('least-request'), 1);
  assert.ok(p99(many) > 1.5 * p99(alone), `p99 ${p99(many)} beside ${p99(alone)}`);
});

const REMOVED = [
  { policy: 'rendezvous', most: 1.3 },
  { policy: 'maglev', most: 2 },
  { policy: 'ring-hash', most: 2.5 },
];
for (const { policy, most } of REMOVED) {
  test(`${policy}: of 20 servers one goes: about 1 client in 20 is sent elsewhere`, () => {
    const { moved, least } = movedBy(policy, 19);
    assert.is(least, 1 / 20);
    assert.ok(moved > 0.8 / 20 && moved < most / 20, `${moved}`);
  });
}
test('random: of 20 servers one goes: nearly every client is sent elsewhere, as always', () => {
  assert.ok(movedBy('random', 19).moved > 0.9);
});
test('rendezvous: to 20 servers come 5: a fifth of the clients is sent elsewhere', () => {
  const { moved, least } = movedBy('rendezvous', 25);
  assert.is(least, 1 / 5);
  assert.ok(moved > 0.17 && moved < 0.23, `${moved}`);
});

function movedBy(policy: string, servers: number): { moved: number; least: number } {
  const calm = scenarioOf({ requests: 40_000, load: 0.3, work: EXPONENTIAL }, { servers: 20, clients: 2000 });
  const scenario: Scenario = { ...calm, events: [{ kind: 'scale', servers, atUs: durationUs(calm) / 2 }] };
  const [{ moved, seen, least }] = runService(scenario, policyOf(policy), 1).moves;
  assert.ok(seen > 1900, 'nearly all clients ask on both sides');
  return { moved: moved / seen, least };
}

function latencyOf(scenario: Scenario, policy: string, seed: number, parameters: Record<string, number> = {}): Latency {
  return runService(scenario, { ...policyOf(policy), parameters }, seed).latency as Latency;
}

function p99({ latency }: ServiceRun): number {
  return (latency as Latency).p99;
}

function near(value: number, theory: number, tolerance: number): void {
  assert.ok(Math.abs(value / theory - 1) < tolerance, `${value} beside ${theory}`);
}

/** The share of requests that wait. */
function erlangC(places: number, load: number): number {
  let [term, sum] = [1, 0];
  for (let k = 0; k < places; k++) {
    sum += term;
    term *= (places * load) / (k + 1);
  }
  const waiting = term / (1 - load);
  return waiting / (sum + waiting);
}

test.run();
