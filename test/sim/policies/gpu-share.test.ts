import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Decision,
  diagnose,
  failureText,
  Listers,
  Nominator,
  type Pod,
  podKey,
  ScanDecider,
  ScheduleOne,
} from '../../../core/index.ts';
import { profileFor } from '../../../sim/openb/core-placer.ts';
import { bestFit } from '../../../sim/policies/best-fit.ts';
import { tightest } from '../../../sim/policies/device-choice.ts';
import { GpuDevices } from '../../../sim/policies/gpu-devices.ts';
import { gpuShare } from '../../../sim/policies/gpu-share.ts';
import { scorePlugin } from '../../../sim/policies/node-score.ts';
import { type GpuAsk, PodShapes } from '../../../sim/policies/pod-shape.ts';
import { PodMaker, toNode } from '../../../sim/traces/openb.ts';

interface World {
  devices: GpuDevices;
  decider: ScanDecider;
  schedule(pod: Pod): Decision;
}

/** Two nodes of 8 cores: n-0 with two T4, n-1 with one P100. */
function world(): World {
  const nodes = [
    { name: 'n-0', cpuMilli: 8000, memoryMib: 64, gpus: 2, model: 'T4' },
    { name: 'n-1', cpuMilli: 8000, memoryMib: 64, gpus: 1, model: 'P100' },
  ].map(toNode);
  const devices = new GpuDevices(nodes);
  const shapes = new PodShapes(devices.modelNames);
  const plugins = [gpuShare(devices, shapes, tightest(devices)), scorePlugin('BestFit', shapes, bestFit(devices))];
  const options = { listers: new Listers(), profiles: [profileFor('BestFit')], nominated: new Nominator() };
  const decider = new ScanDecider({ ...options, plugins });
  for (const node of nodes) decider.addNode(node);
  const scheduler = new ScheduleOne({ ...options, decider });
  return { devices, decider, schedule: (pod) => scheduler.schedule(pod) };
}

const pod = (name: string, ask: Partial<GpuAsk>): Pod =>
  new PodMaker().pod({ name, cpuMilli: 1000, memoryMib: 1, gpus: 1, gpuMilli: 1000, models: [], ...ask });
const bound = (one: Pod, nodeName = ''): Pod => ({ ...one, spec: { ...one.spec, nodeName } });

const refusals = [
  {
    name: 'a model that no node has',
    ask: { models: ['V100M16'] },
    says: "0/2 nodes are available: 2 node(s) didn't have an allowed GPU model.",
  },
  {
    name: 'more devices than the one allowed node has',
    ask: { gpus: 2, models: ['P100'] },
    says:
      '0/2 nodes are available: 1 Insufficient GPU milli on a device, ' + "1 node(s) didn't have an allowed GPU model.",
  },
  {
    name: 'too much CPU, which NodeResourcesFit says first',
    ask: { cpuMilli: 9000, gpus: 4 },
    says: '0/2 nodes are available: 2 Insufficient cpu.',
  },
];
for (const { name, ask, says } of refusals) {
  test(`GpuShare refuses, in words: ${name}`, () => {
    const { decider, schedule } = world();
    assert.is(failureText(diagnose(decider.begin(pod('p', ask)), -1), ''), says);
    assert.match(schedule(pod('p', ask)).message ?? '', says);
  });
}

test('GpuShare: what a placed pod holds is gone until it leaves', () => {
  const { devices, decider, schedule } = world();
  const first = pod('first', { gpus: 2 });
  const { host } = schedule(first);
  assert.is(host, 'n-0');
  decider.addPod(bound(first, host));
  assert.equal(devices.holding(podKey(first))?.devices, [0, 1]);
  assert.is(schedule(pod('second', { gpus: 2 })).result, 'unschedulable');

  decider.removePod(bound(first, host));
  assert.is(devices.holding(podKey(first)), undefined);
  assert.is(schedule(pod('second', { gpus: 2 })).host, 'n-0');
});

test('GpuShare: a pod that is not bound after all gives its devices back', () => {
  const { devices, decider, schedule } = world();
  const one = pod('one', { gpuMilli: 400, models: ['P100'] });
  assert.is(schedule(one).host, 'n-1');
  assert.is(devices.leftTotal[1], 600);
  decider.unreserve(one);
  assert.is(devices.leftTotal[1], 1000);
});

test('GpuShare: shares fill a device to its last milli, and not beyond', () => {
  const { decider, schedule } = world();
  const place = (name: string, gpuMilli: number): string | undefined => {
    const one = pod(name, { gpuMilli, models: ['P100'] });
    const { host } = schedule(one);
    if (host) decider.addPod(bound(one, host));
    return host;
  };
  assert.equal(
    [place('a', 400), place('b', 601), place('c', 600), place('d', 1)],
    ['n-1', undefined, 'n-1', undefined],
  );
});

test.run();
