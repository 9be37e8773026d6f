/** What is said of a pod, situation by situation. */

import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nextAttempt } from '../../../../runtime/node/docker/pod/container-status.ts';
import { podStatus, type StatusFacts } from '../../../../runtime/node/docker/pod/status.ts';
import { samplePod, seen } from './sample.ts';

const calm: StatusFacts = {
  started: () => true,
  ready: () => true,
  message: () => '',
  waiting: () => undefined,
  hostIP: '10.0.0.1',
  nowMs: 5000,
};
const S = 'POD#0 running';
const two = samplePod({ containers: [{ name: 'a' }, { name: 'b' }] });
const never = samplePod({ restartPolicy: 'Never' });
const staged = samplePod({ restartPolicy: 'Never', initContainers: [{ name: 'i' }] });

interface Case {
  name: string;
  pod?: V1Pod;
  of: string[];
  facts?: Partial<StatusFacts>;
  phase: string;
  ready?: boolean;
  initialized?: boolean;
  state?: string;
  last?: string;
}

const crash = { waiting: () => ({ reason: 'CrashLoopBackOff' }) };
const cases: Case[] = [
  { name: 'nothing yet', of: [], phase: 'Pending', state: 'waiting ContainerCreating' },
  {
    name: 'nothing yet, and there are init containers',
    pod: staged,
    of: [S],
    phase: 'Pending',
    initialized: false,
    state: 'waiting PodInitializing',
  },
  { name: 'it runs', of: [S, 'a#0 running'], phase: 'Running', ready: true, state: 'running' },
  {
    name: 'it runs and is not ready',
    of: [S, 'a#0 running'],
    facts: { ready: () => false },
    phase: 'Running',
    state: 'running',
  },
  { name: 'one of two runs', pod: two, of: [S, 'a#0 running'], phase: 'Pending', state: 'running' },
  {
    name: 'one of two ended for now',
    pod: two,
    of: [S, 'a#0 exited 1', 'b#0 running'],
    phase: 'Running',
    state: 'terminated Error',
  },
  {
    name: 'it waits for its next start',
    of: [S, 'a#0 exited 1'],
    facts: crash,
    phase: 'Running',
    state: 'waiting CrashLoopBackOff',
    last: 'terminated 1',
  },
  {
    name: 'it runs again',
    of: [S, 'a#1 running', 'a#0 exited 3'],
    phase: 'Running',
    ready: true,
    state: 'running',
    last: 'terminated 3',
  },
  { name: 'all succeeded', pod: never, of: ['a#0 exited 0'], phase: 'Succeeded', state: 'terminated Completed' },
  {
    name: 'one failed',
    pod: samplePod({ ...two.spec, restartPolicy: 'Never' }),
    of: ['a#0 exited 2', 'b#0 exited 0'],
    phase: 'Failed',
    state: 'terminated Error',
  },
  {
    name: 'an init container failed for good',
    pod: staged,
    of: [S, 'i#0 exited 1'],
    phase: 'Failed',
    initialized: false,
    state: 'waiting PodInitializing',
  },
  {
    name: 'what has been Succeeded stays so without containers',
    pod: samplePod({ restartPolicy: 'Never' }, { phase: 'Succeeded' }),
    of: [],
    phase: 'Succeeded',
    state: 'waiting ContainerCreating',
  },
];

/** Its container ran for the second time when somebody removed it. */
const LOST_STATUS = {
  phase: 'Running',
  containerStatuses: [{ name: 'a', restartCount: 1, containerID: 'docker://x', state: { running: {} }, lastState: {} }],
};
cases.push(
  {
    name: 'a container that was removed from outside is to be started again, and the pod has not begun anew',
    pod: samplePod({}, LOST_STATUS),
    of: [S],
    phase: 'Running',
    state: 'waiting ContainerCreating',
    last: 'terminated 137',
  },
  {
    name: 'one that was removed and must not start again has failed',
    pod: samplePod({ restartPolicy: 'Never' }, LOST_STATUS),
    of: [S],
    phase: 'Failed',
    state: 'terminated ContainerStatusUnknown',
  },
  {
    name: 'one that was removed after it had ended well has succeeded',
    pod: samplePod(
      { restartPolicy: 'Never' },
      {
        containerStatuses: [
          { name: 'a', containerID: 'x', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        ],
      },
    ),
    of: [S],
    phase: 'Succeeded',
    state: 'terminated Completed',
  },
);

test('status: each removal counts as one restart, however often it is looked at before the next start', () => {
  const pod = samplePod({}, LOST_STATUS);
  const once = podStatus(pod, seen(S), calm);
  const twice = podStatus(samplePod({}, once), seen(S), calm);
  for (const status of [once, twice]) {
    const [{ restartCount, lastState }] = (status as { containerStatuses: V1ContainerStatus[] }).containerStatuses;
    assert.is(restartCount, 2);
    assert.is(lastState?.terminated?.reason, 'ContainerStatusUnknown');
    assert.is(nextAttempt(samplePod({}, status), 'a'), 2);
  }
  assert.is(nextAttempt(pod, 'a'), 2);
  assert.is(nextAttempt(samplePod(), 'a'), 0);
});

for (const { name, pod = samplePod(), of, facts, phase, ready = false, initialized = true, state, last } of cases) {
  test(`status: ${name}`, () => {
    const status = podStatus(pod, seen(...of), { ...calm, ...facts }) as unknown as NonNullable<V1Pod['status']>;
    const condition = (type: string) => status.conditions?.find((one) => one.type === type);
    assert.is(status.phase, phase);
    assert.is(condition('Ready')?.status, ready ? 'True' : 'False', 'Ready');
    assert.is(condition('Initialized')?.status, initialized ? 'True' : 'False', 'Initialized');
    const [a] = status.containerStatuses ?? [];
    const said = a.state?.waiting
      ? `waiting ${a.state.waiting.reason}`
      : a.state?.running
        ? 'running'
        : `terminated ${a.state?.terminated?.reason}`;
    assert.is(said, state);
    assert.is(a.lastState?.terminated ? `terminated ${a.lastState.terminated.exitCode}` : undefined, last);
  });
}

test('status: conditions of others stay, and a readiness gate holds the pod back', () => {
  const gated = samplePod(
    { readinessGates: [{ conditionType: 'gate' }] },
    { conditions: [{ type: 'other', status: 'True' }] },
  );
  const status = podStatus(gated, seen(S, 'a#0 running'), calm) as unknown as NonNullable<V1Pod['status']>;
  assert.is(status.conditions?.find(({ type }) => type === 'Ready')?.reason, 'ReadinessGatesNotReady');
  assert.is(status.conditions?.find(({ type }) => type === 'ContainersReady')?.status, 'True');
  assert.is(status.conditions?.find(({ type }) => type === 'other')?.status, 'True');
});

test('status: a condition that stays as it is keeps its time', () => {
  const first = podStatus(samplePod(), seen(S, 'a#0 running'), calm);
  const next = podStatus(samplePod({}, first), seen(S, 'a#0 running'), { ...calm, nowMs: 900_000 });
  assert.equal(next, first);
});

test.run();
