import { test } from 'uvu';
import { hostPort, node, pod } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

const said = "NodePorts U: node(s) didn't have free ports for the requested pod ports";
const taken = { nodes: [node('a')], pods: [pod('holder', { on: 'a', spec: hostPort(80) })] };
const atAddress = {
  nodes: [node('a')],
  pods: [pod('holder', { on: 'a', spec: hostPort(80, { hostIP: '10.0.0.1' }) })],
};
const sidecar = (port: number) => ({
  initContainers: [{ name: 's', restartPolicy: 'Always', ports: [{ containerPort: port, hostPort: port }] }],
});

runCases('NodePorts', [
  { name: 'a pod without host ports fits beside any', ...taken, pod: pod('p'), expect: {} },
  { name: 'another port is free', ...taken, pod: pod('p', { spec: hostPort(81) }), expect: {} },
  {
    name: 'the same port is taken',
    ...taken,
    pod: pod('p', { spec: hostPort(80) }),
    expect: { rejected: { a: said } },
  },
  {
    name: 'another protocol is free',
    ...taken,
    pod: pod('p', { spec: hostPort(80, { protocol: 'UDP' }) }),
    expect: {},
  },
  {
    name: 'no address is 0.0.0.0, which takes every address',
    ...taken,
    pod: pod('p', { spec: hostPort(80, { hostIP: '10.0.0.1' }) }),
    expect: { rejected: { a: said } },
  },
  {
    name: '0.0.0.0 wants every address',
    ...atAddress,
    pod: pod('p', { spec: hostPort(80) }),
    expect: { rejected: { a: said } },
  },
  {
    name: 'two addresses do not meet',
    ...atAddress,
    pod: pod('p', { spec: hostPort(80, { hostIP: '10.0.0.2' }) }),
    expect: {},
  },
  {
    name: ':: is an address like another, no wildcard',
    ...atAddress,
    pod: pod('p', { spec: hostPort(80, { hostIP: '::' }) }),
    expect: {},
  },
  {
    name: 'a sidecar holds its port',
    nodes: [node('a')],
    pods: [pod('holder', { on: 'a', spec: sidecar(80) })],
    pod: pod('p', { spec: hostPort(80) }),
    expect: { rejected: { a: said } },
  },
  {
    name: 'ports of plain init containers do not count',
    ...taken,
    pod: pod('p', { spec: { initContainers: [{ name: 'i', ports: [{ hostPort: 80 }] }] } }),
    expect: {},
  },
  {
    name: 'two ports of one pod are not held against each other',
    nodes: [node('a')],
    pod: pod('p', {
      spec: {
        containers: [
          { name: 'x', ports: [{ hostPort: 80 }] },
          { name: 'y', ports: [{ hostPort: 80 }] },
        ],
      },
    }),
    expect: {},
  },
  {
    name: 'a port is free once its holder is gone',
    ...taken,
    pod: pod('p', { spec: hostPort(80) }),
    expect: { rejected: { a: said }, whatIf: { on: 'a', remove: ['holder'], says: 'fits' } },
  },
  {
    name: 'ports are a set: when one of two holders goes, the port is free',
    nodes: [node('a')],
    pods: [pod('one', { on: 'a', spec: hostPort(80) }), pod('two', { on: 'a', spec: hostPort(80) })],
    pod: pod('p', { spec: hostPort(80) }),
    expect: { rejected: { a: said }, whatIf: { on: 'a', remove: ['one'], says: 'fits' } },
  },
]);

test.run();
