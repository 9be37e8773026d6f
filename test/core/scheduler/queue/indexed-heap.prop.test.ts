import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { IndexedHeap } from '../../../../core/scheduler/queue/indexed-heap.ts';

type Step = { do: 'push' | 'update' | 'remove'; key: number; rank: number } | { do: 'pop' };

// Few ranks, so that they collide; enough keys for three levels.
const keyed = fc.record({
  do: fc.constantFrom('push' as const, 'push' as const, 'update' as const, 'remove' as const),
  key: fc.nat(40),
  rank: fc.nat(20),
});
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 8, arbitrary: keyed }, { weight: 1, arbitrary: fc.constant({ do: 'pop' as const }) }),
  { maxLength: 200, size: 'max' },
);

test('IndexedHeap: agrees with a sorted array after any operations', () => {
  fc.assert(
    fc.property(steps, (operations) => {
      const before = (a: { key: string; rank: number }, b: { key: string; rank: number }): boolean =>
        a.rank !== b.rank ? a.rank < b.rank : a.key < b.key;
      const heap = new IndexedHeap<{ key: string; rank: number }>(({ key }) => key, before);
      const model = new Map<string, number>();
      const first = (): string | undefined =>
        [...model].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([key]) => key)[0];
      for (const step of operations) {
        if (step.do === 'pop') {
          const expected = first();
          assert.is(heap.pop()?.key, expected);
          if (expected !== undefined) model.delete(expected);
          continue;
        }
        const key = `k${step.key}`;
        if (step.do === 'remove') {
          assert.is(heap.remove(key)?.rank, model.get(key));
          model.delete(key);
        } else if (step.do === 'update') {
          const item = heap.get(key);
          if (!item) continue;
          item.rank = step.rank;
          heap.update(item);
          model.set(key, step.rank);
        } else if (!heap.has(key)) {
          heap.push({ key, rank: step.rank });
          model.set(key, step.rank);
        }
        assert.is(heap.peek()?.key, first());
        assert.is(heap.size, model.size);
      }
      const rest: string[] = [];
      for (let item = heap.pop(); item; item = heap.pop()) rest.push(item.key);
      assert.equal(
        rest,
        [...model].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([key]) => key),
      );
    }),
    { numRuns: 400 },
  );
});

test.run();
