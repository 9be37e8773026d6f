/** Names and their rows: who gets which, and when a row is free again. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NodeRows } from '../../../core/cluster/node-rows.ts';
import { TaintSets } from '../../../core/cluster/taint-sets.ts';
import { node } from '../../support/builders.ts';

function rowsOf(...names: string[]): NodeRows {
  const rows = new NodeRows();
  for (const name of names) rows.record(rows.open(name)).node = node(name);
  return rows;
}

test('node rows: each name gets the next row, and keeps it', () => {
  const rows = rowsOf('a', 'b', 'a', 'c');
  assert.equal(
    ['a', 'b', 'c', 'd'].map((name) => rows.find(name)),
    [0, 1, 2, undefined],
  );
  assert.is(rows.bound, 3);
  assert.equal(
    Array.from(rows.all(), ({ name }) => name),
    ['a', 'b', 'c'],
  );
});

test('node rows: a row with a node is not freed', () => {
  const rows = rowsOf('a');
  assert.not(rows.freeIfEmpty(rows.record(0)));
  assert.is(rows.find('a'), 0);
});

test('node rows: a freed row goes to the next new name, and its old name gets another', () => {
  const rows = rowsOf('a', 'b');
  rows.record(0).node = undefined;
  assert.ok(rows.freeIfEmpty(rows.record(0)));
  assert.is(rows.at(0), undefined);
  assert.is(rows.find('a'), undefined);
  assert.is(rows.open('c'), 0);
  assert.is(rows.open('a'), 2);
  assert.is(rows.record(0).node, undefined);
});

test('node rows: a row that was foreseen and then changed hands is looked up all the same', () => {
  const rows = rowsOf('a', 'b');
  rows.foresee(0, 'a');
  assert.is(rows.open('b'), 1);
  assert.is(rows.open('a'), 0);
  rows.record(0).node = undefined;
  rows.freeIfEmpty(rows.record(0));
  assert.is(rows.open('c'), 0);
  assert.is(rows.open('a'), 2);
});

test('node rows: asking for an empty row is a bug, and stops', () => {
  assert.throws(() => rowsOf('a').record(1), /row 1 is empty/);
});

test('taint sets: equal lists in equal order share an id, and no taints are id 0', () => {
  const sets = new TaintSets();
  const gpu = { key: 'gpu', effect: 'NoSchedule' as const };
  const infra = { key: 'infra', value: 'x', effect: 'NoExecute' as const };
  const idOf = (...taints: (typeof gpu | typeof infra)[]): number => sets.acquire(node('n', { taints })).id;
  assert.is(idOf(), 0);
  assert.is(idOf(gpu, infra), idOf({ ...gpu }, { ...infra }));
  assert.is.not(idOf(gpu, infra), idOf(infra, gpu));
  assert.equal(sets.at(0), []);
  assert.equal(sets.at(99), []);
});

test.run();
