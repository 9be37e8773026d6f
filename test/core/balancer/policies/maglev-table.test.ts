/** Tables that Envoy and Cilium publish in their own tests, and the size of a table. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildMaglev, type MaglevMember, maglevSize } from '../../../../core/balancer/policies/maglev-table.ts';

const host = (port: number, weight = 1): MaglevMember => ({ key: `127.0.0.1:${port}`, weight });
const six = [90, 91, 92, 93, 94, 95];

// envoyproxy/envoy, test/extensions/load_balancing_policies/maglev/maglev_lb_test.cc
const envoyCases = [
  { name: 'six hosts by address', members: six.map((port) => host(port)), table: [2, 4, 0, 1, 5, 0, 3] },
  {
    name: 'six hosts by name',
    members: six.map((port) => ({ key: `${port}`, weight: 1 })),
    table: [2, 5, 0, 3, 4, 1, 0],
  },
  {
    name: 'weights 1 and 2',
    members: [host(90, 1), host(91, 2)],
    table: [1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1],
  },
  {
    name: 'localities of equal weight, whose hosts weigh 1 and 2',
    members: [host(90, 0.5), host(91, 0.5)],
    table: [1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1],
  },
  {
    name: 'localities of weight 8 and 2',
    members: [host(90, 8), host(91, 2)],
    table: [1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0],
  },
];
for (const { name, members, table } of envoyCases) {
  test(`Maglev equals Envoy's table: ${name}`, () => {
    assert.equal(tableOf(members, table.length), table);
  });
}

test('Maglev does not depend on the order in which endpoints are listed', () => {
  const reversed = six.toReversed().map((port) => host(port));
  assert.equal(
    tableOf(reversed, 7).map((index) => 5 - index),
    [2, 4, 0, 1, 5, 0, 3],
  );
});

// cilium/cilium, pkg/maglev/maglev_test.go; the seed is the first four bytes of the default, big-endian.
const CILIUM_SEED = 0x24b7ef82;
const cilium = (n: number, weight: number): MaglevMember => ({ key: `[0.0.0.${n}:${n}/TCP,State:active]`, weight });
const ciliumMembers = [cilium(1, 2), cilium(3, 13), cilium(4, 111), cilium(5, 10)];

test("Maglev equals Cilium's weighted table of 251 slots", () => {
  const expected =
    '2(5),3(1),2(3),1(1),2(2),0(1),2(1),3(1),2(1),3(1),2(1),1(1),2(7),1(1),2(14),3(1),2(1),' +
    '1(2),2(12),3(1),2(3),1(1),2(4),3(1),2(8),3(1),2(2),1(1),2(16),1(2),2(3),3(1),2(11),1(2),2(4),3(1),2(3),' +
    '1(1),2(4),3(1),2(1),0(1),1(1),2(8),1(1),2(7),1(1),2(4),3(1),2(1),3(1),2(9),1(2),2(5),1(1),2(7),3(1),2(1),' +
    '3(1),1(1),2(8),1(1),2(4),0(1),2(1),1(1),2(5),3(1),2(3),1(1),2(4),3(1),2(3),1(1),2(12),0(1),3(1),2(3),3(1),' +
    '2(4),3(1),2(2),1(1),2(7)';
  const table = new Uint16Array(251);
  buildMaglev(ciliumMembers, 251, table, { rule: 'cilium', seed: CILIUM_SEED });
  assert.is(runs(table), expected);
});

test("Maglev gives Cilium's counts of slots at 1,021", () => {
  const members = [cilium(1, 2), cilium(2, 13), cilium(3, 111), cilium(4, 10)];
  const table = new Uint16Array(1021);
  buildMaglev(members, 1021, table, { rule: 'cilium', seed: CILIUM_SEED });
  assert.equal(
    members.map((_, i) => table.filter((index) => index === i).length),
    [16, 98, 832, 75],
  );
});

const sizes = [
  { endpoints: 0, size: 251 },
  { endpoints: 2, size: 251 },
  { endpoints: 3, size: 509 },
  { endpoints: 20, size: 2039 },
  { endpoints: 21, size: 4093 },
  { endpoints: 327, size: 32749 },
  { endpoints: 328, size: 65537 },
  { endpoints: 60_000, size: 65537 },
];
for (const { endpoints, size } of sizes) {
  test(`Maglev: ${endpoints} endpoints get ${size} slots`, () => {
    assert.is(maglevSize(endpoints), size);
  });
}

test('Maglev: a single endpoint has every slot, no endpoint none', () => {
  assert.equal(tableOf([host(90, 7)], 7), [0, 0, 0, 0, 0, 0, 0]);
  assert.equal(tableOf([], 7), [9, 9, 9, 9, 9, 9, 9]);
});

test('Maglev: more endpoints than slots are a bug', () => {
  assert.throws(
    () =>
      tableOf(
        six.map((port) => host(port)),
        5,
      ),
    /6 endpoints in a table of 5/,
  );
});

function tableOf(members: readonly MaglevMember[], size: number): number[] {
  const table = new Uint16Array(size + 2).fill(9);
  buildMaglev(members, size, table, { from: 1 });
  assert.equal([table[0], table[size + 1]], [9, 9], 'it writes nothing around the table');
  return [...table.subarray(1, size + 1)];
}

function runs(table: Uint16Array): string {
  const found: [number, number][] = [];
  for (const index of table) {
    const last = found[found.length - 1];
    if (last?.[0] === index) last[1]++;
    else found.push([index, 1]);
  }
  return found.map(([index, count]) => `${index}(${count})`).join(',');
}

test.run();
