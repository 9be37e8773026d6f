import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ActiveQueue } from '../../../../core/scheduler/queue/active-queue.ts';
import { queuedPod } from '../../../../core/scheduler/queue/queued-pod.ts';
import { pod } from './pods.ts';

const cases = [
  { name: 'the higher priority goes first', pods: { low: [1, 0], high: [2, 9] }, order: ['high', 'low'] },
  {
    name: 'no priority counts as 0',
    pods: { none: [undefined, 0], minus: [-1, 0], plus: [1, 0] },
    order: ['plus', 'none', 'minus'],
  },
  {
    name: 'of equal priority the one queued earlier goes first',
    pods: { late: [1, 5], early: [1, 4] },
    order: ['early', 'late'],
  },
  { name: 'equals go as they came', pods: { c: [0, 1], a: [0, 1], b: [0, 1] }, order: ['c', 'a', 'b'] },
] as const;
for (const { name, pods, order } of cases) {
  test(`ActiveQueue: ${name}`, () => {
    const queue = new ActiveQueue();
    Object.entries(pods).forEach(([podName, [priority, timestamp]], sequence) => {
      queue.push(queuedPod(pod(podName, { spec: { priority } }), sequence, timestamp));
    });
    assert.equal(
      order.map(() => queue.pop()?.key),
      order,
    );
  });
}

test('ActiveQueue: a pod whose priority changed takes its new place', () => {
  const queue = new ActiveQueue();
  ['a', 'b', 'c'].forEach((name, sequence) => {
    queue.push(queuedPod(pod(name), sequence, 0));
  });
  const entry = queue.get('c')!;
  entry.pod = pod('c', { spec: { priority: 1 } });
  queue.update(entry);
  assert.is(queue.pop(), entry);
});

test.run();
