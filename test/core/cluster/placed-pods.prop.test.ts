/** The table of placed pods answers as a map and lists of objects would. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Interner } from '../../../core/cluster/intern.ts';
import { hashKey, KeyIndex } from '../../../core/cluster/key-index.ts';
import type { LabelClass } from '../../../core/cluster/match-counts.ts';
import { swapRemove } from '../../../core/cluster/overlay.ts';
import type { PlacedPod } from '../../../core/cluster/placed-pod.ts';
import { PlacedPods } from '../../../core/cluster/placed-pods.ts';
import { PodRequest } from '../../../core/cluster/pod-request.ts';
import { PodTemplates } from '../../../core/cluster/pod-template.ts';
import type { HeldPorts } from '../../../core/cluster/ports.ts';
import { pod } from '../../support/builders.ts';

const many = { size: 'max', maxLength: 400 } as const;

test('key index: finds what a map finds, however alike the hashes are', () => {
  const ops = fc.array(fc.record({ key: fc.nat(60), adds: fc.boolean() }), many);
  fc.assert(
    fc.property(ops, fc.constantFrom(1, 4, 1024), (list, hashes) => {
      const index = new KeyIndex();
      const model = new Map<string, number>();
      const free: number[] = [];
      const hashOf = (key: string): number => hashKey(key) % hashes;
      for (const { key: n, adds } of list) {
        const key = `pod-${n}`;
        const slot = model.get(key);
        if (adds && slot === undefined) {
          const at = free.pop() ?? model.size;
          index.add(key, hashOf(key), at);
          model.set(key, at);
        } else if (!adds && slot !== undefined) {
          index.delete(slot);
          model.delete(key);
          free.push(slot);
        }
        assert.is(index.size, model.size);
        for (let k = 0; k <= 60; k++) {
          const asked = `pod-${k}`;
          assert.is(index.find(asked, hashOf(asked)), model.get(asked) ?? -1, asked);
        }
      }
    }),
    { numRuns: 60 },
  );
});

const ROWS = 70; // More than there is room for at first.

interface Op {
  key: number;
  row: number;
  assumed: boolean;
  labels: number;
  ports: boolean;
  renews: boolean;
}

const op: fc.Arbitrary<Op> = fc.record({
  key: fc.nat(150),
  row: fc.oneof(fc.nat(2), fc.nat(ROWS - 1)),
  assumed: fc.boolean(),
  labels: fc.nat(2),
  ports: fc.boolean(),
  renews: fc.boolean(),
});

test('placed pods: a key that comes again is renewed or leaves; by key, by row and in all it holds what lists of objects hold', () => {
  const classes = new Interner<LabelClass>();
  const labelClasses = ['a', 'b', 'c'].map((app) => {
    return classes.acquire(app, () => ({ namespace: 'default', labels: { app }, terminating: false }));
  });
  const templates = new PodTemplates(() => -1);
  const held: HeldPorts = [{ id: 7, key: '', value: { ip: '', protocol: 'TCP', port: 80 }, references: 1 }];
  fc.assert(
    fc.property(fc.array(op, many), (ops) => {
      const table = new PlacedPods(classes);
      const model = new Map<string, PlacedPod>();
      const lists = Array.from({ length: ROWS }, (): PlacedPod[] => []);
      for (const { key: n, row, assumed, labels, ports, renews } of ops) {
        const key = `pod-${n}`;
        const known = model.get(key);
        const slot = table.find(key, hashKey(key));
        assert.is(slot >= 0, known !== undefined);
        if (known && renews) {
          const changed = { ...pod(key), status: { phase: `after ${row}` } };
          const renewed = { ...known, request: new PodRequest(changed, key, known.request.template), assumed };
          assert.is(table.renew(slot, renewed.request, known.row + 1, assumed), false);
          const holdsNoPort = known.ports.length === 0;
          assert.is(table.renew(slot, renewed.request, known.row, assumed), holdsNoPort);
          if (!holdsNoPort) continue;
          model.set(key, renewed);
          swapRemove(lists[known.row], known);
          lists[known.row].push(renewed);
        } else if (known) {
          model.delete(key);
          swapRemove(lists[known.row], known);
          assert.equal(table.take(slot), known);
        } else {
          const one = pod(key);
          const labelClass = labelClasses[labels];
          const placed = {
            request: new PodRequest(one, key, templates.of(one)),
            assumed,
            row,
            labelClass,
            ports: ports ? held : [],
          };
          table.add(placed.request, hashKey(key), row, assumed, labelClass, placed.ports);
          model.set(key, placed);
          lists[row].push(placed);
          assert.ok(table.is(table.find(key, hashKey(key)), one, assumed));
        }
      }
      assert.is(table.size, model.size);
      assert.equal(
        lists.map((_, row) => table.on(row)),
        lists,
      );
      assert.equal(
        lists.map((_, row) => table.isEmptyAt(row)),
        lists.map((list) => list.length === 0),
      );
      const byKey = (a: PlacedPod, b: PlacedPod): number => (a.request.key < b.request.key ? -1 : 1);
      assert.equal([...table].sort(byKey), [...model.values()].sort(byKey));
      const counted: [number, number][] = [];
      table.eachCounted((row, { id }) => counted.push([row, id]));
      const expected = Array.from(model.values(), ({ row, labelClass }) => [row, labelClass?.id ?? -1]);
      assert.equal(counted.map(String).sort(), expected.map(String).sort());
    }),
    { numRuns: 100 },
  );
});

test('placed pods: of thousands, each is where it was put, however the arrays have grown', () => {
  const classes = new Interner<LabelClass>();
  const labelClass = classes.acquire('a', () => ({ namespace: 'default', labels: {}, terminating: false }));
  const template = new PodTemplates(() => -1).of(pod('any'));
  const table = new PlacedPods(classes);
  const rows = 7;
  for (let i = 0; i < 20_000; i++) {
    const key = `pod-${i}`;
    table.add(new PodRequest(pod(key), key, template), hashKey(key), i % rows, i % 2 === 0, labelClass, []);
  }
  for (let i = 0; i < 20_000; i++) {
    const key = `pod-${i}`;
    const { request, row, assumed, labelClass: found } = table.at(table.find(key, hashKey(key)));
    assert.equal([request.key, row, assumed, found], [key, i % rows, i % 2 === 0, labelClass]);
  }
  for (let row = 0; row < rows; row++) {
    const expected = Array.from({ length: 20_000 }, (_, i) => i).filter((i) => i % rows === row);
    assert.equal(
      table.on(row).map(({ request }) => request.key),
      expected.map((i) => `pod-${i}`),
    );
  }
});

test.run();
