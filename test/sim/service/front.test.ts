/** What stands before a policy in a simulated service: affinity, slow start, ejection; each beside the same run without it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeScenario } from '../../../sim/service/describe.ts';
import { makeRequests } from '../../../sim/service/requests.ts';
import { runService } from '../../../sim/service/run.ts';
import type { Scenario } from '../../../sim/service/scenario.ts';
import { Simulation } from '../../../sim/service/simulation.ts';
import { EXPONENTIAL, policyOf, scenarioOf } from '../../support/service.ts';

const shape = { requests: 40_000, load: 0.5, work: EXPONENTIAL };
const MIDDLE_US = 40e6;

function scenario(changes: Partial<Scenario>): Scenario {
  return scenarioOf(shape, { clients: 500, ...changes });
}

test('affinity: clients stay with their server when others come, whatever the policy; without it nearly all move', () => {
  const events: Scenario['events'] = [{ kind: 'scale', servers: 15, atUs: MIDDLE_US }];
  for (const policy of ['random', 'least-request', 'maglev']) {
    const [{ moved, seen }] = runService(scenario({ events, affinitySeconds: 3600 }), policyOf(policy), 1).moves;
    assert.ok(seen > 490, `${seen} clients ask on both sides`);
    assert.is(moved, 0, policy);
  }
  const [{ moved, seen }] = runService(scenario({ events }), policyOf('random'), 1).moves;
  assert.ok(moved > 0.9 * seen);
});

test('affinity: clients of a server that goes are sent elsewhere, and the others stay', () => {
  const events: Scenario['events'] = [{ kind: 'scale', servers: 9, atUs: MIDDLE_US }];
  const [{ moved, seen, least }] = runService(scenario({ events, affinitySeconds: 3600 }), policyOf('random'), 1).moves;
  assert.is(least, 1 / 10);
  assert.ok(Math.abs(moved / seen - least) < 0.05, `${moved} of ${seen}`);
});

test('slow start: a server that comes is sent little at first, and its share in the end', () => {
  const events: Scenario['events'] = [{ kind: 'scale', servers: 11, atUs: MIDDLE_US }];
  const shares = (changes: Partial<Scenario>): number[] => {
    const { answeredBy, endUs } = played(scenario({ events, ...changes }), 'random');
    return [
      [MIDDLE_US, MIDDLE_US + 5e6],
      [MIDDLE_US + 20e6, MIDDLE_US + 40e6],
    ].map(([from, to]) => {
      const then = Array.from(answeredBy.keys()).filter((i) => endUs[i] >= from && endUs[i] < to);
      return then.filter((i) => answeredBy[i] === 10).length / then.length;
    });
  };
  const [first, later] = shares({ slowStartSeconds: 20 });
  const [firstPlain] = shares({});
  assert.ok(first < 0.4 / 11, `${first} of the first seconds' answers`);
  assert.ok(later > 0.8 / 11 && firstPlain > 0.8 / 11, `${later}, ${firstPlain}`);
});

test('ejection: a server that refuses gets nothing after five failures, so that few requests fail; then it is back', () => {
  const events: Scenario['events'] = [{ kind: 'fail', server: 3, fromUs: 10e6, toUs: 40e6 }];
  const failed = (changes: Partial<Scenario>): number =>
    runService(scenario({ events, attempts: 1, ...changes }), policyOf('random'), 1).failed;
  const [without, withIt] = [failed({}), failed({ ejectSeconds: 10 })];
  assert.ok(without > 1000, `${without}`);
  assert.ok(withIt < 300, `${withIt} beside ${without}`);
  const { answeredBy, endUs } = played(scenario({ events, ejectSeconds: 10 }), 'random');
  assert.ok(
    answeredBy.some((server, i) => server === 3 && endUs[i] > 60e6),
    'it answers again',
  );
});

test('what stands before the policy is said with the scenario', () => {
  const said = describeScenario(scenario({ affinitySeconds: 10_800, slowStartSeconds: 30, ejectSeconds: 10 }));
  assert.match(
    said,
    /clients keep their server for 3h; new servers start slowly, over 30s; failing servers are ejected/,
  );
});

function played(asked: Scenario, policy: string): Simulation {
  const simulation = new Simulation(asked, policyOf(policy), 1, makeRequests(asked, 1));
  while (simulation.advance(4096));
  return simulation;
}

test.run();
