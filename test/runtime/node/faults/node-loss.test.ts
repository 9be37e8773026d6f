/** Node loss in short: `npm run faults` has it with 1,000 nodes and 10,000 pods. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeLoss } from './node-loss.ts';

test('12 of 40 nodes fall silent: their pods run elsewhere, nobody else is touched, and all heals when they are back', async () => {
  const { problems, victims } = await nodeLoss({
    nodes: 40,
    lost: 12,
    pods: 300,
    deployments: 6,
    tolerationSeconds: 1,
    graceMs: 1000,
    evictionRate: 100,
    seed: 1,
  });
  assert.equal(problems, []);
  assert.ok(victims > 50, `${victims} were on them`);
});

test.run();
