import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HostSelector } from '../../../core/scheduler/select-node.ts';

/** Go's container/heap.Init over (total, position) with Less = strictly higher total; the root is popped first. */
function rootOfHeap(totals: number[]): number {
  const heap = totals.map((total, position) => ({ total, position }));
  for (let start = Math.floor(heap.length / 2) - 1; start >= 0; start--) {
    for (let i = start, child = 2 * i + 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && heap[child + 1].total > heap[child].total) child++;
      if (heap[child].total <= heap[i].total) break;
      [heap[i], heap[child]] = [heap[child], heap[i]];
      i = child;
    }
  }
  return heap[0].position;
}

// Few different totals, so that nearly every run has ties on several levels.
const totals = fc.array(fc.nat(2), { minLength: 1, maxLength: 70 });

test('select node, first: is the root of the heap that kube-scheduler builds', () => {
  const selector = new HostSelector('first', 0);
  fc.assert(
    fc.property(totals, (all) => {
      const chosen = selector.select(
        { nodeName: String },
        all.map((_, n) => n),
        all,
        1,
      );
      assert.is(chosen, rootOfHeap(all));
    }),
    { numRuns: 2000 },
  );
});

test('select node, order and random: the choice is a best node, whatever the order of the list', () => {
  fc.assert(
    fc.property(
      totals,
      fc.constantFrom('order' as const, 'random' as const),
      fc.integer(),
      fc.nat(99),
      (all, rule, seed, decision) => {
        const choose = (order: number[]): number => {
          const k = new HostSelector(rule, seed).select(
            { nodeName: (n) => `n${n}` },
            order,
            order.map((n) => all[n]),
            decision,
          );
          return order[k];
        };
        const order = all.map((_, n) => n);
        const chosen = choose(order);
        assert.is(all[chosen], Math.max(...all));
        assert.is(choose([...order].reverse()), chosen);
      },
    ),
  );
});

test.run();
