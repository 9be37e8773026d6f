import { test } from 'uvu';
import { node, pod } from '../../../support/builders.ts';
import { runCases } from '../../../support/decision-cases.ts';

runCases('DynamicResources', [
  {
    name: 'without claims every node scores 0',
    nodes: [node('a'), node('b')],
    pod: pod('p'),
    expect: { scores: { DynamicResources: { a: 0, b: 0 } } },
  },
  {
    name: 'a pod with resource claims is refused, and told why',
    nodes: [node('a')],
    pod: pod('p', { spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: 'one' }] } }),
    expect: { refused: 'DynamicResources UAU: pod has resource claims, which this scheduler does not allocate' },
  },
]);

test.run();
