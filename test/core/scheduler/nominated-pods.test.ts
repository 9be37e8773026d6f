/** Filters with nominated pods (semantics 5.5): once with them and once without, and both must pass. */
import { test } from 'uvu';
import { hostPort, node, pod } from '../../support/builders.ts';
import { runCases } from '../../support/decision-cases.ts';

const short = 'NodeResourcesFit U: Insufficient cpu';
const waiting = pod('waiting', { asks: { cpu: '3' }, priority: 5 });
const nodes = [node('a'), node('b')];
const asks = { cpu: '2' };
const db = { app: 'db' };
const near = (labels: Record<string, string>) => ({
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
      ],
    },
  },
});
const alone = "InterPodAffinity UAU: node(s) didn't match pod affinity rules";

runCases('nominated pods', [
  {
    name: 'the place of a pod of equal priority is kept',
    nodes,
    nominated: { a: [waiting] },
    pod: pod('p', { asks, priority: 5 }),
    expect: { rejected: { a: short } },
  },
  {
    name: 'the place of a less important one is not',
    nodes,
    nominated: { a: [waiting] },
    pod: pod('p', { asks, priority: 6 }),
    expect: {},
  },
  {
    name: 'a pod does not stand in its own way',
    nodes,
    nominated: { a: [waiting] },
    pod: waiting,
    expect: {},
  },
  {
    name: 'it takes ports as well',
    nodes,
    nominated: { a: [pod('waiting', { spec: hostPort(80) })] },
    pod: pod('p', { spec: hostPort(80) }),
    expect: { rejected: { a: "NodePorts U: node(s) didn't have free ports for the requested pod ports" } },
  },
  {
    name: 'company that is only nominated is no company: the pod must fit without it too',
    nodes,
    nominated: { a: [pod('waiting', { labels: db })] },
    pod: pod('p', { spec: near(db) }),
    expect: { rejected: { a: alone, b: alone } },
  },
  {
    name: 'evicting others does not free the place of a nominated pod',
    nodes: [node('a')],
    pods: [pod('x', { on: 'a', asks })],
    nominated: { a: [waiting] },
    pod: pod('p', { asks, priority: 5 }),
    expect: { rejected: { a: short }, whatIf: { on: 'a', remove: ['x'], says: short } },
  },
]);

test.run();
