import { test } from 'uvu';
import { defaultArgs, type PluginArgs } from '../../../../core/scheduler/profile.ts';
import { node, pod } from '../../../support/builders.ts';
import { type DecisionCase, runCases } from '../../../support/decision-cases.ts';

const U = 'NodeResourcesFit U: ';
const UAU = 'NodeResourcesFit UAU: ';
const half = { nodes: [node('a')], pods: [pod('x', { on: 'a', asks: { cpu: '2', memory: '4Gi' } })] };
const gpus = (count: string) => node('a', { has: { 'example.com/gpu': count } });
const fit = (parts: Partial<PluginArgs['nodeResourcesFit']>): Partial<PluginArgs> => ({
  nodeResourcesFit: { ...defaultArgs().nodeResourcesFit, ...parts },
});

runCases('NodeResourcesFit filter', [
  { name: 'an exact fit is a fit', ...half, pod: pod('p', { asks: { cpu: '2', memory: '4Gi' } }), expect: {} },
  {
    name: 'one millicore too many may be preempted',
    ...half,
    pod: pod('p', { asks: { cpu: '2001m' } }),
    expect: { rejected: { a: `${U}Insufficient cpu` } },
  },
  {
    name: 'more than the node ever had cannot',
    ...half,
    pod: pod('p', { asks: { cpu: '4001m' } }),
    expect: { rejected: { a: `${UAU}Insufficient cpu` } },
  },
  {
    name: 'all shortages are named, and one that cannot be resolved decides',
    ...half,
    pod: pod('p', { asks: { cpu: '3', memory: '9Gi' } }),
    expect: { rejected: { a: `${UAU}Insufficient cpu; Insufficient memory` } },
  },
  {
    name: 'who asks for nothing fits an overcommitted node',
    nodes: [node('a')],
    pods: [pod('x', { on: 'a', asks: { cpu: '9' } })],
    pod: pod('p', { asks: { cpu: '0', memory: '1' } }),
    expect: {},
  },
  {
    name: 'one pod more than the node takes is too many',
    nodes: [node('a', { has: { pods: '1' } })],
    pods: [pod('x', { on: 'a' })],
    pod: pod('p'),
    expect: { rejected: { a: `${U}Too many pods` } },
  },
  {
    name: 'a node that takes no pods may still be preempted for, as far as the pods go',
    nodes: [node('a', { has: { pods: '0' } })],
    pod: pod('p'),
    expect: { rejected: { a: `${U}Too many pods` } },
  },
  {
    name: 'ephemeral storage is counted',
    nodes: [node('a', { has: { 'ephemeral-storage': '1Gi' } })],
    pod: pod('p', { asks: { 'ephemeral-storage': '1073741825' } }),
    expect: { rejected: { a: `${UAU}Insufficient ephemeral-storage` } },
  },
  {
    name: 'an extended resource the node lacks is short for good',
    nodes: [node('a')],
    pod: pod('p', { asks: { 'example.com/gpu': '1' } }),
    expect: { rejected: { a: `${UAU}Insufficient example.com/gpu` } },
  },
  {
    name: 'asking for none of it is not asking',
    nodes: [node('a')],
    pod: pod('p', { asks: { 'example.com/gpu': '0' } }),
    expect: {},
  },
  {
    name: 'a name the scheduler does not know is ignored',
    nodes: [node('a')],
    pod: pod('p', { asks: { storage: '9Ti' } }),
    expect: {},
  },
  {
    name: 'hugepages are counted',
    nodes: [node('a', { has: { 'hugepages-2Mi': '4Mi' } })],
    pod: pod('p', { asks: { 'hugepages-2Mi': '6Mi' } }),
    expect: { rejected: { a: `${UAU}Insufficient hugepages-2Mi` } },
  },
  {
    name: 'an ignored extended resource is not looked at',
    nodes: [node('a')],
    args: fit({ ignoredResources: ['example.com/gpu'] }),
    pod: pod('p', { asks: { 'example.com/gpu': '1' } }),
    expect: {},
  },
  {
    name: 'nor is one of an ignored group, while others are',
    nodes: [node('a')],
    args: fit({ ignoredResourceGroups: ['example.com'] }),
    pod: pod('p', { asks: { 'example.com/gpu': '1', 'other.com/gpu': '1' } }),
    expect: { rejected: { a: `${UAU}Insufficient other.com/gpu` } },
  },
  {
    name: 'quantities are summed first and rounded once: 100.5m twice is 201m',
    nodes: [node('a', { has: { cpu: '201m' } })],
    pod: pod('p', {
      spec: {
        containers: ['x', 'y'].map((name) => ({ name, resources: { requests: { cpu: '100.5m' } } })),
      },
    }),
    expect: {},
  },
  {
    name: 'pods on the node are rounded one by one: 100.5m in two pods is 202m',
    nodes: [node('a', { has: { cpu: '401m' } })],
    pods: ['x', 'y'].map((name) => pod(name, { on: 'a', asks: { cpu: '100.5m' } })),
    pod: pod('p', { asks: { cpu: '200m' } }),
    expect: { rejected: { a: `${U}Insufficient cpu` } },
  },
  {
    name: 'an init container may need more than all containers together',
    nodes: [node('a')],
    pod: pod('p', {
      asks: { cpu: '1' },
      spec: { initContainers: [{ name: 'i', resources: { requests: { cpu: '5' } } }] },
    }),
    expect: { rejected: { a: `${UAU}Insufficient cpu` } },
  },
  {
    name: 'a sidecar that started before an init container counts beside it',
    nodes: [node('a')],
    pod: pod('p', {
      spec: {
        initContainers: [
          { name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '2' } } },
          { name: 'i', resources: { requests: { cpu: '2001m' } } },
        ],
      },
    }),
    expect: { rejected: { a: `${UAU}Insufficient cpu` } },
  },
  {
    name: 'a sidecar that starts after it does not',
    nodes: [node('a')],
    pod: pod('p', {
      spec: {
        initContainers: [
          { name: 'i', resources: { requests: { cpu: '4' } } },
          { name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '2' } } },
        ],
      },
    }),
    expect: {},
  },
  {
    name: 'pod-level requests replace the sum, even if they are smaller',
    nodes: [node('a')],
    pod: pod('p', { asks: { cpu: '9' }, spec: { resources: { requests: { cpu: '4' } } } }),
    expect: {},
  },
  {
    name: 'overhead comes on top',
    nodes: [node('a')],
    pod: pod('p', { asks: { cpu: '4' }, spec: { overhead: { cpu: '1m' } } }),
    expect: { rejected: { a: `${UAU}Insufficient cpu` } },
  },
  {
    name: 'a pod that was resized in place counts the larger of spec and status',
    nodes: [node('a')],
    pods: [
      pod('x', {
        on: 'a',
        asks: { cpu: '1' },
        status: { containerStatuses: [{ name: 'main', resources: { requests: { cpu: '3' } } }] },
      }),
    ],
    pod: pod('p', { asks: { cpu: '1001m' } }),
    expect: { rejected: { a: `${U}Insufficient cpu` } },
  },
  {
    name: 'beyond 2^53 bytes one byte still counts',
    nodes: [node('a', { has: { memory: '9007199254740993' } })],
    pod: pod('p', { asks: { memory: '9007199254740994' } }),
    expect: { rejected: { a: `${UAU}Insufficient memory` } },
  },
  {
    name: 'finished pods take no room, terminating ones do',
    nodes: [node('a'), node('b')],
    pods: [
      pod('x', { on: 'a', asks: { cpu: '4' }, status: { phase: 'Succeeded' } }),
      pod('y', { on: 'b', asks: { cpu: '4' }, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
    ],
    pod: pod('p', { asks: { cpu: '1' } }),
    expect: { rejected: { b: `${U}Insufficient cpu` } },
  },
]);

const pair = [node('a'), node('b', { has: { cpu: '2', memory: '2Gi' } })];
const scores = (
  name: string,
  args: Partial<PluginArgs>,
  asks: Record<string, string>,
  a: number,
  b: number,
): DecisionCase => ({
  name,
  nodes: pair,
  args,
  pod: pod('p', { asks }),
  expect: { scores: { NodeResourcesFit: { a, b } } },
});
const ratio = (shape: { utilization: number; score: number }[], resources = defaultArgs().nodeResourcesFit.resources) =>
  fit({ type: 'RequestedToCapacityRatio', shape, resources });
const filling = [
  { utilization: 0, score: 0 },
  { utilization: 100, score: 10 },
];
const cpuOnly = [{ name: 'cpu', weight: 1 }];

runCases('NodeResourcesFit score', [
  scores('LeastAllocated: the mean of what is left, each truncated', {}, { cpu: '1', memory: '1Gi' }, 81, 50),
  scores('a container that names nothing counts 100m and 200Mi', {}, {}, 97, 92),
  scores('an explicit 0 stays 0', {}, { cpu: '0', memory: '0' }, 100, 100),
  scores(
    'MostAllocated: the mean of what is used',
    fit({ type: 'MostAllocated' }),
    { cpu: '1', memory: '1Gi' },
    18,
    50,
  ),
  scores(
    'weights count',
    fit({
      resources: [
        { name: 'cpu', weight: 3 },
        { name: 'memory', weight: 1 },
      ],
    }),
    { cpu: '1', memory: '1' },
    81,
    62,
  ),
  scores(
    'a resource no node has is left out with its weight',
    fit({
      resources: [
        { name: 'cpu', weight: 1 },
        { name: 'example.com/gpu', weight: 9 },
      ],
    }),
    { cpu: '1' },
    75,
    50,
  ),
  scores('RequestedToCapacityRatio: points on the line', ratio(filling, cpuOnly), { cpu: '1' }, 25, 50),
  scores(
    'a falling line divides towards zero',
    ratio(
      [
        { utilization: 0, score: 10 },
        { utilization: 33, score: 0 },
      ],
      cpuOnly,
    ),
    { cpu: '1' },
    25,
    0,
  ),
  scores(
    'a resource that gets no points is left out, and the mean is rounded',
    ratio(
      [
        { utilization: 10, score: 0 },
        { utilization: 100, score: 10 },
      ],
      [
        { name: 'cpu', weight: 2 },
        { name: 'memory', weight: 1 },
      ],
    ),
    { cpu: '1', memory: '1' },
    16,
    44,
  ),
  {
    name: 'pods on the node count with their stand-ins',
    nodes: pair,
    pods: [pod('x', { on: 'a' })],
    pod: pod('p', { asks: { cpu: '0', memory: '0' } }),
    expect: { scores: { NodeResourcesFit: { a: 97, b: 100 } } },
  },
  {
    name: 'pod-level requests of the incoming pod are ignored by the score (a quirk)',
    nodes: pair,
    pod: pod('p', {
      asks: { cpu: '1', memory: '1Gi' },
      spec: { resources: { requests: { cpu: '2', memory: '2Gi' } } },
    }),
    expect: { scores: { NodeResourcesFit: { a: 81, b: 50 } } },
  },
  {
    name: 'scalars count what is really requested',
    nodes: [gpus('4'), node('b', { has: { 'example.com/gpu': '2' } })],
    args: fit({ resources: [{ name: 'example.com/gpu', weight: 1 }] }),
    pod: pod('p', { asks: { 'example.com/gpu': '1' } }),
    expect: { scores: { NodeResourcesFit: { a: 75, b: 50 } } },
  },
  {
    name: 'one byte of 60Pi still counts: the division is exact',
    nodes: [node('a', { has: { memory: '60Pi' } }), node('b', { has: { memory: '60Pi' } })],
    pods: [pod('x', { on: 'a', asks: { memory: '1' } })],
    args: fit({ resources: [{ name: 'memory', weight: 1 }] }),
    pod: pod('p', { asks: { memory: '0' } }),
    expect: { scores: { NodeResourcesFit: { a: 99, b: 100 } } },
  },
]);

test.run();
