/** Spill-over: no zone sends away more than its own servers' share cannot carry, and none gets more than it has to spare. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeRequests } from '../../../sim/service/requests.ts';
import { Simulation } from '../../../sim/service/simulation.ts';
import type { Zones } from '../../../sim/service/zones.ts';
import { EXPONENTIAL, policyOf, scenarioOf } from '../../support/service.ts';

const REQUESTS = 20_000;
/** Deviations of a binomial share: beyond once in some 10^7 shares. */
const WIDE = 5.5;

const counts = (min: number) => fc.array(fc.integer({ min, max: 9 }), { minLength: 3, maxLength: 3 });

test('spill-over: what leaves a zone is what its share of the servers cannot carry, and goes where there is room', () => {
  fc.assert(
    fc.property(
      counts(1).filter((servers) => servers[0] + servers[1] + servers[2] >= 6),
      counts(0).filter((clients) => clients.some((part) => part > 0)),
      fc.constantFrom('random', 'round-robin', 'least-request', 'peak-ewma', 'prequal'),
      fc.integer({ min: 1, max: 3 }),
      fc.nat(1000),
      (servers, clients, policy, balancers, seed) => {
        const zones: Zones = { names: ['a', 'b', 'c'], servers, clients, routing: 'spill-over' };
        const total = servers[0] + servers[1] + servers[2];
        const shape = { requests: REQUESTS, load: 0.4, work: EXPONENTIAL };
        const scenario = scenarioOf(shape, { servers: total, clients: 3000, balancers, zones });
        const simulation = new Simulation(scenario, policyOf(policy), seed, makeRequests(scenario, seed));
        while (simulation.advance(4096));
        const sent = sentBetween(simulation);
        const senders = clients[0] + clients[1] + clients[2];
        for (let from = 0; from < 3; from++) {
          const asked = sent[from].reduce((sum, one) => sum + one, 0);
          if (clients[from] === 0) {
            assert.is(asked, 0);
            continue;
          }
          const carries = Math.min(1, servers[from] / total / (clients[from] / senders));
          near(sent[from][from], carries, asked, `zone ${from} keeps`);
          for (let to = 0; to < 3; to++) {
            const spare = servers[to] / total - clients[to] / senders;
            if (to !== from && spare <= 1e-12)
              assert.is(sent[from][to], 0, `${from} to ${to}, which has nothing to spare`);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

/** [from][to], requests. */
function sentBetween({ requests, answeredBy, fleet, timeline }: Simulation): number[][] {
  const sent = [0, 1, 2].map(() => [0, 0, 0]);
  for (let i = 0; i < requests.count; i++) sent[fleet.zoneOf[requests.client[i]]][timeline.zones[answeredBy[i]]]++;
  return sent;
}

function near(found: number, share: number, of: number, what: string): void {
  const wide = WIDE * Math.sqrt(of * share * (1 - share)) + 1e-6 * of;
  assert.ok(Math.abs(found - share * of) <= wide, `${what} ${found} of ${of}, not ${share}`);
}

test.run();
