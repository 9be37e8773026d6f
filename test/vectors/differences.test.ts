import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences } from './differences.ts';

const scheduled = { result: 'scheduled', host: 'a', argmax: ['a', 'b'], evaluated: 2, filter: {} };
const anyOf = { result: 'scheduled', hostIsOneOfArgmax: true, argmax: ['a', 'b'] };
const rejected = { c: { code: 'Unschedulable', plugin: 'X', reasons: ['cpu', 'memory'] } };

const rows: { name: string; expected: unknown; got: unknown; paths: string[] }[] = [
  { name: 'equal answers', expected: scheduled, got: { ...scheduled }, paths: [] },
  { name: 'another host', expected: scheduled, got: { ...scheduled, host: 'b' }, paths: ['host'] },
  {
    name: 'a field that is missing',
    expected: scheduled,
    got: { ...scheduled, evaluated: undefined },
    paths: ['evaluated'],
  },
  { name: 'a field too many', expected: scheduled, got: { ...scheduled, feasible: 1 }, paths: ['feasible'] },
  {
    name: 'a node too many among the rejected',
    expected: scheduled,
    got: { ...scheduled, filter: rejected },
    paths: ['filter.c'],
  },
  { name: 'argmax has an order', expected: scheduled, got: { ...scheduled, argmax: ['b', 'a'] }, paths: ['argmax'] },
  { name: 'any node of argmax, where any is right', expected: anyOf, got: { ...anyOf, host: 'b' }, paths: [] },
  { name: 'but no other node', expected: anyOf, got: { ...anyOf, host: 'c' }, paths: ['host'] },
  { name: 'and not none', expected: anyOf, got: anyOf, paths: ['host'] },
  {
    name: 'our own mark says nothing where one host is recorded',
    expected: scheduled,
    got: { ...scheduled, hostIsOneOfArgmax: true },
    paths: [],
  },
  {
    name: 'reasons have no order',
    expected: { filter: rejected },
    got: { filter: { c: { ...rejected.c, reasons: ['memory', 'cpu'] } } },
    paths: [],
  },
  {
    name: 'but every one counts',
    expected: { filter: rejected },
    got: { filter: { c: { ...rejected.c, reasons: ['memory'] } } },
    paths: ['filter.c.reasons'],
  },
  {
    name: 'victims have an order',
    expected: { victims: ['x', 'y'] },
    got: { victims: ['y', 'x'] },
    paths: ['victims'],
  },
  {
    name: 'potential nodes have none',
    expected: { potentialNodes: ['x', 'y'] },
    got: { potentialNodes: ['y', 'x'] },
    paths: [],
  },
  { name: 'equal steps', expected: [['a', 2, 1], null, 'deleted'], got: [['a', 2, 1], null, 'deleted'], paths: [] },
  {
    name: 'a step that differs',
    expected: [['a', 2, 1], { message: 'no' }],
    got: [['a', 2, 2], null],
    paths: ['[0]', '[1]'],
  },
  { name: 'a step too few', expected: [null, { message: 'no' }], got: [null], paths: ['[1]'] },
  {
    name: 'one number in a list of numbers',
    expected: { scores: { a: [1, 2] } },
    got: { scores: { a: [1, 3] } },
    paths: ['scores.a'],
  },
];
for (const { name, expected, got, paths } of rows) {
  test(`differences: ${name}`, () =>
    assert.equal(
      differences(expected, got).map(({ path }) => path),
      paths,
    ));
}

test.run();
