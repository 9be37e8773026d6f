import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { IndexedHeap } from '../../../../core/scheduler/queue/indexed-heap.ts';

interface Item {
  key: string;
  rank: number;
}

function heap(...ranks: number[]): IndexedHeap<Item> {
  const items = new IndexedHeap<Item>(
    ({ key }) => key,
    (a, b) => a.rank < b.rank,
  );
  for (const rank of ranks) items.push({ key: `k${rank}`, rank });
  return items;
}

function drain(items: IndexedHeap<Item>): number[] {
  const ranks: number[] = [];
  for (let item = items.pop(); item; item = items.pop()) ranks.push(item.rank);
  return ranks;
}

test('IndexedHeap: an empty heap has nothing to give', () => {
  const items = heap();
  assert.is(items.pop(), undefined);
  assert.is(items.peek(), undefined);
  assert.is(items.remove('k1'), undefined);
  assert.is(items.size, 0);
});

test('IndexedHeap: items come out in order, whatever the order in', () => {
  assert.equal(drain(heap(5, 3, 9, 1, 7, 2, 8, 6, 4, 0)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('IndexedHeap: the first, the last and a middle item can be removed by key', () => {
  const items = heap(5, 3, 9, 1, 7, 2);
  assert.is(items.remove('k1')?.rank, 1);
  assert.is(items.remove('k9')?.rank, 9);
  assert.is(items.remove('k5')?.rank, 5);
  assert.not(items.has('k5'));
  assert.equal(drain(items), [2, 3, 7]);
});

test('IndexedHeap: an item whose rank changed finds its new place, up and down', () => {
  const items = heap(5, 3, 9, 1, 7, 2);
  const last = items.get('k9')!;
  last.rank = 0;
  items.update(last);
  assert.is(items.peek(), last);
  last.rank = 6;
  items.update(last);
  assert.equal(drain(items), [1, 2, 3, 5, 6, 7]);
});

test('IndexedHeap: a key twice and an unknown key are bugs', () => {
  assert.throws(() => heap(1).push({ key: 'k1', rank: 2 }), /k1 is in the heap already/);
  assert.throws(() => heap(1).update({ key: 'k2', rank: 2 }), /k2 is not in the heap/);
});

test.run();
