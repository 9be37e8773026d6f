import { test } from 'uvu';
import { node, pod } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

const cordoned = node('a', { unschedulable: true });
const said = 'NodeUnschedulable UAU: node(s) were unschedulable';
const tolerating = (key?: string, operator?: string, effect?: string) =>
  pod('p', { spec: { tolerations: [{ key, operator, effect }] } });
const KEY = 'node.kubernetes.io/unschedulable';

runCases('NodeUnschedulable', [
  { name: 'a node that is not cordoned takes the pod', nodes: [node('a')], pod: pod('p'), expect: {} },
  { name: 'a cordoned node does not', nodes: [cordoned], pod: pod('p'), expect: { rejected: { a: said } } },
  { name: 'a toleration of the cordon lets it in', nodes: [cordoned], pod: tolerating(KEY, 'Exists'), expect: {} },
  { name: 'its value is empty, so Equal without a value does', nodes: [cordoned], pod: tolerating(KEY), expect: {} },
  { name: 'tolerating everything does', nodes: [cordoned], pod: tolerating(undefined, 'Exists'), expect: {} },
  {
    name: 'tolerating NoExecute does not',
    nodes: [cordoned],
    pod: tolerating(KEY, 'Exists', 'NoExecute'),
    expect: { rejected: { a: said } },
  },
]);

test.run();
