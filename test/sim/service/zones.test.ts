/** Zones of a simulated service: where servers and clients stand, and who answers whom. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeScenario } from '../../../sim/service/describe.ts';
import { renderServicePage, zoneColumns } from '../../../sim/service/page.ts';
import { runService } from '../../../sim/service/run.ts';
import type { Scenario } from '../../../sim/service/scenario.ts';
import { summarize } from '../../../sim/service/summary.ts';
import { planTimeline } from '../../../sim/service/timeline.ts';
import { type Zones, zoneOfClient, zoneOfServer } from '../../../sim/service/zones.ts';
import { EXPONENTIAL, policyOf, scenarioOf } from '../../support/service.ts';

const THREE: Zones = { names: ['a', 'b', 'c'], servers: [5, 3, 2], clients: [1, 1, 2], routing: 'spill-over' };
const shape = { requests: 20_000, load: 0.5, work: EXPONENTIAL };

function scenario(zones: Partial<Zones>, changes: Partial<Scenario> = {}): Scenario {
  return scenarioOf(shape, { clients: 2000, zones: { ...THREE, ...zones }, ...changes });
}

test('servers and clients stand in zones as asked, over and over, to a client', () => {
  assert.equal(
    Array.from({ length: 12 }, (_, i) => zoneOfServer(THREE, i)),
    [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 0, 0],
  );
  const count = (clients: number, zone: number): number =>
    Array.from({ length: clients }, (_, i) => zoneOfClient(THREE, i, clients)).filter((one) => one === zone).length;
  assert.equal([count(1000, 0), count(1000, 1), count(1000, 2)], [250, 250, 500]);
  assert.equal([count(1, 0), count(1, 1), count(1, 2)], [0, 0, 1]);
  assert.is(zoneOfClient({ ...THREE, clients: [0, 0, 1] }, 0, 10), 2);
});

test('a server that replaces another stands in its zone, and servers that come fill zones in their turn', () => {
  const { zones } = planTimeline(
    scenario(
      {},
      {
        events: [
          { kind: 'scale', servers: 12, atUs: 1 },
          { kind: 'rollout', fromUs: 2, toUs: 9 },
        ],
      },
    ),
  );
  assert.equal([...zones], [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 0, 0]);
});

test('a zone with its share of the servers or more keeps its requests; one with less sends the rest away', () => {
  const { zones, failed } = runService(scenario({}), policyOf('random'), 1);
  assert.is(failed, 0);
  const [a, b, c] = zones.map(({ local }) => local as number);
  assert.is(a, 1, 'half of the servers, a quarter of the clients');
  assert.is(b, 1);
  assert.ok(Math.abs(c - 0.4) < 0.02, `${c}: a fifth of the servers for half of the clients`);
  const busy = zones.map((zone) => zone.busy as number);
  assert.ok(Math.max(...busy) - Math.min(...busy) < 0.06, `as all are asked alike: ${busy}`);
});

test('PreferSameZone keeps every request, so that the zone with few servers drowns; a zone without servers sends all away', () => {
  const { zones } = runService(scenario({ routing: 'PreferSameZone' }), policyOf('least-request'), 1);
  assert.equal(
    zones.map(({ local }) => local),
    [1, 1, 1],
  );
  assert.ok((zones[2].p99 as number) > 20 * (zones[0].p99 as number));
  const none = runService(scenario({ routing: 'PreferSameZone', servers: [5, 5, 0] }), policyOf('random'), 1);
  assert.equal(
    none.zones.map(({ local }) => local),
    [1, 1, 0],
  );
  assert.is(none.zones[2].busy, null);
});

test('PreferSameZone sends elsewhere once the own servers are gone, and home again when they come', () => {
  const events: Scenario['events'] = [
    { kind: 'scale', servers: 8, atUs: 10e6 },
    { kind: 'scale', servers: 10, atUs: 20e6 },
  ];
  const { zones } = runService(
    scenario({ routing: 'PreferSameZone', clients: [5, 4, 1] }, { events }),
    policyOf('random'),
    1,
  );
  assert.ok((zones[2].local as number) > 0.5 && (zones[2].local as number) < 0.9, `${zones[2].local}`);
});

test('without routing each zone gets what its servers are worth', () => {
  const { zones } = runService(scenario({ routing: 'none' }), policyOf('random'), 1);
  for (const [i, share] of [0.5, 0.3, 0.2].entries()) {
    assert.ok(Math.abs((zones[i].local as number) - share) < 0.03, `${zones[i].local}`);
  }
});

test('ejection, affinity and slow start go with zones; every balancer knows its zone only', () => {
  const changes: Partial<Scenario> = { ejectSeconds: 10, affinitySeconds: 3600, slowStartSeconds: 5, balancers: 2 };
  const events: Scenario['events'] = [{ kind: 'fail', server: 9, fromUs: 5e6, toUs: 25e6 }];
  const { failed, zones } = runService(scenario({}, { ...changes, events, attempts: 2 }), policyOf('random'), 1);
  assert.ok(failed < 20, `${failed}`);
  assert.equal([zones[0].local, zones[1].local], [1, 1]);
});

test('zones are said with the scenario, and have columns in tables and pages', () => {
  const asked = scenario({});
  assert.match(describeScenario(asked), /zones a: 5 servers, 25 % of clients; .*c: 2 servers, 50 %.*spilling over/);
  const runs = [runService(asked, policyOf('random'), 1)];
  const columns = zoneColumns(summarize(runs));
  assert.is(
    columns.map(({ head }) => head).join(', '),
    'a: local, a: p99, a: busy, b: local, b: p99, b: busy, c: local, c: p99, c: busy',
  );
  assert.is(columns[0].cell(summarize(runs)[0]), '100.0%');
  const frame = { title: 't', summary: 's', madeAt: '', cards: [], reproduce: [], origin: [] };
  const page = renderServicePage({ ...frame, runs });
  assert.match(page, /<th scope="col">c: busy<\/th>/);
});

test.run();
