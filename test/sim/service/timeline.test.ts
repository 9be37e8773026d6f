/** Events of a scenario as steps: who has an endpoint when, and how many clients must move. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ServiceEvent } from '../../../sim/service/scenario.ts';
import { planTimeline, type Step, serversAt } from '../../../sim/service/timeline.ts';
import { EXPONENTIAL, scenarioOf } from '../../support/service.ts';

const cases: { name: string; servers: number; events: ServiceEvent[]; steps: Step[] }[] = [
  { name: 'nothing happens', servers: 3, events: [], steps: [] },
  {
    name: 'scaling out adds servers at the end',
    servers: 2,
    events: [{ kind: 'scale', servers: 4, atUs: 5 }],
    steps: [{ kind: 'scale', atUs: 5, live: [0, 1, 2, 3], least: 0.5 }],
  },
  {
    name: 'scaling in takes the newest, and out again makes new ones',
    servers: 3,
    events: [
      { kind: 'scale', servers: 1, atUs: 5 },
      { kind: 'scale', servers: 2, atUs: 9 },
    ],
    steps: [
      { kind: 'scale', atUs: 5, live: [0], least: 2 / 3 },
      { kind: 'scale', atUs: 9, live: [0, 3], least: 0.5 },
    ],
  },
  {
    name: 'scaling to as many as there are is nothing',
    servers: 3,
    events: [{ kind: 'scale', servers: 3, atUs: 5 }],
    steps: [],
  },
  {
    name: 'a rollout replaces one after the other, evenly over its time',
    servers: 2,
    events: [{ kind: 'rollout', fromUs: 10, toUs: 20 }],
    steps: [
      { kind: 'rollout', atUs: 10, live: [2, 1], least: 0.5 },
      { kind: 'rollout', atUs: 15, live: [2, 3], least: 0.5 },
    ],
  },
  {
    name: 'after a rollout the newest are those that it made last',
    servers: 2,
    events: [
      { kind: 'rollout', fromUs: 10, toUs: 20 },
      { kind: 'scale', servers: 1, atUs: 30 },
    ],
    steps: [
      { kind: 'rollout', atUs: 10, live: [2, 1], least: 0.5 },
      { kind: 'rollout', atUs: 15, live: [2, 3], least: 0.5 },
      { kind: 'scale', atUs: 30, live: [2], least: 0.5 },
    ],
  },
  {
    name: 'a server that comes up as it goes down again is down, in whatever order it is written',
    servers: 1,
    events: [
      { kind: 'fail', server: 0, fromUs: 20, toUs: 30 },
      { kind: 'fail', server: 0, fromUs: 10, toUs: 20 },
    ],
    steps: [
      { kind: 'down', atUs: 10, server: 0 },
      { kind: 'up', atUs: 20, server: 0 },
      { kind: 'down', atUs: 20, server: 0 },
      { kind: 'up', atUs: 30, server: 0 },
    ],
  },
];
for (const { name, servers, events, steps } of cases) {
  test(`timeline: ${name}`, () => {
    const scenario = scenarioOf({ requests: 1, load: 0.5, work: EXPONENTIAL }, { servers, events });
    assert.equal(planTimeline(scenario).steps, steps);
  });
}

test('timeline: speeds go on in turn, and a replaced server keeps its own', () => {
  const events: ServiceEvent[] = [
    { kind: 'scale', servers: 3, atUs: 5 },
    { kind: 'rollout', fromUs: 10, toUs: 20 },
  ];
  const scenario = scenarioOf({ requests: 1, load: 0.5, work: EXPONENTIAL }, { servers: 2, speeds: [1, 0.5], events });
  assert.equal([...planTimeline(scenario).speeds], [1, 0.5, 1, 1, 0.5, 1]);
});

test('timeline: a rollout of many servers has at most a hundred steps, and replaces all', () => {
  const events: ServiceEvent[] = [{ kind: 'rollout', fromUs: 0, toUs: 1000 }];
  const { steps } = planTimeline(scenarioOf({ requests: 1, load: 0.5, work: EXPONENTIAL }, { servers: 1050, events }));
  assert.is(steps.length, 96);
  const last = steps[steps.length - 1];
  assert.ok('live' in last && last.live.every((server) => server >= 1050) && last.live.length === 1050);
});

test('timeline: how many servers there are when', () => {
  const events: ServiceEvent[] = [
    { kind: 'scale', servers: 9, atUs: 30 },
    { kind: 'scale', servers: 5, atUs: 10 },
  ];
  const scenario = scenarioOf({ requests: 1, load: 0.5, work: EXPONENTIAL }, { servers: 2, events });
  assert.equal(
    [0, 9, 10, 29, 30].map((at) => serversAt(scenario, at)),
    [2, 2, 5, 5, 9],
  );
});

test.run();
