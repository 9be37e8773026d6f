import { test } from 'uvu';
import { node, pod } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

runCases('NodeName', [
  { name: 'a pod that names no node goes anywhere', nodes: [node('a'), node('b')], pod: pod('p'), expect: {} },
  {
    name: 'a pod that names a node goes there only',
    nodes: [node('a'), node('b')],
    pod: pod('p', { on: 'b' }),
    expect: { rejected: { a: "NodeName UAU: node(s) didn't match the requested node name" } },
  },
]);

test.run();
