import { test } from 'uvu';
import { node, pod } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

const said = "NodeDeclaredFeatures UAU: node(s) didn't match Pod's required features";
const nodes = [
  node('a'),
  node('b', { declaredFeatures: ['RestartAllContainersOnContainerExits', 'UserNamespacesHostNetworkSupport'] }),
];

runCases('NodeDeclaredFeatures', [
  { name: 'most pods need no feature', nodes, pod: pod('p'), expect: {} },
  {
    name: 'user namespaces on the host network need a node that declares them',
    nodes,
    pod: pod('p', { spec: { hostNetwork: true, hostUsers: false } }),
    expect: { rejected: { a: said } },
  },
  {
    name: 'so does a rule that restarts all containers',
    nodes,
    pod: pod('p', {
      spec: { containers: [{ name: 'main', restartPolicyRules: [{ action: 'RestartAllContainers' }] }] },
    }),
    expect: { rejected: { a: said } },
  },
  { name: 'the host network alone needs nothing', nodes, pod: pod('p', { spec: { hostNetwork: true } }), expect: {} },
]);

test.run();
