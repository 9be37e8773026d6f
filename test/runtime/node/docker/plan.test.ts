/** What is done next for a pod, situation by situation. */

import type { V1Pod } from '@kubernetes/client-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Observed } from '../../../../runtime/node/docker/engine/engine.ts';
import { type Action, type Facts, planPod } from '../../../../runtime/node/docker/pod/plan.ts';
import { samplePod, seen } from './sample.ts';

const calm: Facts = {
  deleting: false,
  started: () => true,
  unhealthy: () => undefined,
  backOffUntil: () => undefined,
  nextAttempt: () => 0,
};
const S = 'POD#0 running';
const two = samplePod({ containers: [{ name: 'a' }, { name: 'b' }] });
const never = samplePod({ restartPolicy: 'Never' });
const onFailure = samplePod({ restartPolicy: 'OnFailure' });
const staged = samplePod({ initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }, { name: 'j' }] });
const stagedOnce = samplePod({ ...staged.spec, restartPolicy: 'Never' });

const lookedAt = samplePod({ ephemeralContainers: [{ name: 'e' }, { name: 't', targetContainerName: 'a' }] });

const cases: {
  name: string;
  pod?: V1Pod;
  of: string[];
  facts?: Partial<Facts>;
  does: string[];
  wakesAt?: number;
  settled?: boolean;
}[] = [
  { name: 'nothing is there: the sandbox comes first', of: [], does: ['start-sandbox 0'] },
  { name: 'with a sandbox all containers start', pod: two, of: [S], does: ['start a#0', 'start b#0'] },
  { name: 'a pod that runs is left alone', of: [S, 'a#0 running'], does: [] },
  {
    name: 'what was made and never started is removed, and made anew',
    of: [S, 'a#0 created'],
    does: ['remove a#0', 'start a#0'],
  },
  {
    name: 'and counted on from those that were',
    of: [S, 'a#1 created', 'a#0 exited 1'],
    does: ['remove a#1', 'start a#1'],
  },
  {
    name: 'a sandbox that was made and never started is removed',
    of: ['POD#0 created'],
    does: ['remove POD#0', 'start-sandbox 1'],
  },
  {
    name: 'ephemeral containers join once, and the one with a target when that runs',
    pod: lookedAt,
    of: [S],
    does: ['start a#0', 'start e#0'],
  },
  { name: 'now it does', pod: lookedAt, of: [S, 'a#0 running', 'e#0 exited 1'], does: ['start t#0'] },
  {
    name: 'they are ended with the others',
    pod: lookedAt,
    of: [S, 'a#0 running', 'e#0 running'],
    facts: { deleting: true },
    does: ['kill a#0', 'kill e#0'],
  },
  { name: 'what ended starts again', of: [S, 'a#0 exited 0'], does: ['start a#1'] },
  {
    name: 'but not before its time',
    of: [S, 'a#0 exited 1'],
    facts: { backOffUntil: () => 9000 },
    does: [],
    wakesAt: 9000,
  },
  {
    name: 'OnFailure: a failure starts again',
    pod: samplePod({ ...two.spec, restartPolicy: 'OnFailure' }),
    of: [S, 'a#0 exited 1', 'b#0 running'],
    does: ['start a#1'],
  },
  {
    name: 'OnFailure: a success does not',
    pod: samplePod({ ...two.spec, restartPolicy: 'OnFailure' }),
    of: [S, 'a#0 exited 0', 'b#0 running'],
    does: [],
  },
  { name: 'all are done: the sandbox goes', pod: onFailure, of: [S, 'a#0 exited 0'], does: ['stop-sandbox'] },
  { name: 'Never: a failure is the end', pod: never, of: [S, 'a#0 exited 1'], does: ['stop-sandbox'] },
  { name: 'all is over', pod: never, of: ['POD#0 exited 137', 'a#0 exited 1'], does: [], settled: true },
  {
    name: 'two ended ones of a name are kept, older ones go',
    of: [S, 'a#3 running', 'a#2 exited 1', 'a#1 exited 1'],
    does: ['remove a#1'],
  },
  {
    name: 'its sandbox died: containers are killed first',
    of: ['POD#0 exited 137', 'a#0 running'],
    does: ['kill a#0'],
  },
  { name: 'then comes another sandbox', of: ['POD#0 exited 137', 'a#0 exited 137'], does: ['start-sandbox 1'] },
  { name: 'unhealthy: it is killed', of: [S, 'a#0 running'], facts: { unhealthy: () => 'probe' }, does: ['kill a#0'] },
  {
    name: 'started before the engine lost it: the count goes on',
    of: [S],
    facts: { nextAttempt: () => 4 },
    does: ['start a#4'],
  },
  { name: 'the first init container is alone', pod: staged, of: [S], does: ['start i#0'] },
  { name: 'nothing beside an init container that runs', pod: staged, of: [S, 'i#0 running'], does: [] },
  { name: 'an init container that failed starts again', pod: staged, of: [S, 'i#0 exited 1'], does: ['start i#1'] },
  {
    name: 'Never: an init container that failed is the end',
    pod: stagedOnce,
    of: [S, 'i#0 exited 1'],
    does: ['stop-sandbox'],
  },
  { name: 'then the sidecar', pod: staged, of: [S, 'i#0 exited 0'], does: ['start s#0'] },
  {
    name: 'a sidecar that has not started holds up the next',
    pod: staged,
    of: [S, 'i#0 exited 0', 's#0 running'],
    facts: { started: () => false },
    does: [],
  },
  {
    name: 'a sidecar that has started does not',
    pod: staged,
    of: [S, 'i#0 exited 0', 's#0 running'],
    does: ['start j#0'],
  },
  {
    name: 'the containers at the end',
    pod: staged,
    of: [S, 'i#0 exited 0', 's#0 running', 'j#0 exited 0'],
    does: ['start a#0'],
  },
  {
    name: 'a sidecar that ended starts again beside them',
    pod: staged,
    of: [S, 'i#0 exited 0', 's#0 exited 0', 'j#0 exited 0', 'a#0 running'],
    does: ['start s#1'],
  },
  {
    name: 'deleted: containers before sidecars',
    pod: staged,
    of: [S, 's#0 running', 'a#0 running'],
    facts: { deleting: true },
    does: ['kill a#0'],
  },
  {
    name: 'then sidecars',
    pod: staged,
    of: [S, 's#0 running', 'a#0 exited 0'],
    facts: { deleting: true },
    does: ['kill s#0'],
  },
  {
    name: 'then the sandbox',
    pod: staged,
    of: [S, 's#0 exited 0', 'a#0 exited 0'],
    facts: { deleting: true },
    does: ['stop-sandbox'],
  },
  { name: 'deleted before anything was started', of: [], facts: { deleting: true }, does: [], settled: true },
];

for (const { name, pod = samplePod(), of, facts, does, wakesAt, settled = false } of cases) {
  test(`plan: ${name}`, () => {
    const plan = planPod(pod, seen(...of), { ...calm, ...facts });
    assert.equal(plan.actions.map(text), does);
    assert.is(plan.wakeAtMs, wakesAt);
    assert.is(plan.settled, settled);
  });
}

function text(action: Action): string {
  const id = (one: Observed): string => `${one.container}#${one.attempt}`;
  if (action.do === 'start') return `start ${action.member.container.name}#${action.attempt}`;
  if (action.do === 'start-sandbox') return `start-sandbox ${action.attempt}`;
  return action.do === 'stop-sandbox' ? action.do : `${action.do} ${id(action.target)}`;
}

test.run();
