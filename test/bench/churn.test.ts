/** Under churn, what the scheduler holds stays what it was. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { churn } from '../../bench/churn.ts';

test('churn: the heap does not grow with the pods that have come and gone', () => {
  const samples = churn({ pods: 60_000, nodes: 60, alive: 600, now: () => 0 });
  assert.is(samples.length, 10);
  const early = samples[3];
  const last = samples[9];
  const grown = (last.heapBytes - early.heapBytes) / (last.placed - early.placed);
  // A pod that stayed behind anywhere would be some hundred bytes.
  assert.ok(grown < 16, `${grown} bytes a pod from ${early.placed} to ${last.placed} pods`);
  assert.ok(last.classes <= early.classes + 1, `${last.classes} classes, ${early.classes} before`);
  assert.ok(last.refused < last.placed / 10, `${last.refused} refused`);
});

test.run();
