/** Rings that Envoy publishes in its own tests: ring_hash_lb_test.cc. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildRing } from '../../../../core/balancer/policies/ring.ts';

const six = [90, 91, 92, 93, 94, 95];
const byAddress = six.map((port) => ({ key: `127.0.0.1:${port}`, weight: 1 }));

test("the ring equals Envoy's, to the full position", () => {
  const { upper, lower, owners } = buildRing(byAddress, 12, 8_388_608);
  const points = Array.from(owners, (owner, i) => [six[owner], `${(BigInt(upper[i]) << 32n) | BigInt(lower[i])}`]);
  assert.equal(points, [
    [94, '833437586790550860'],
    [92, '928266305478181108'],
    [90, '1033482794131418490'],
    [95, '3551244743356806947'],
    [93, '3851675632748031481'],
    [91, '5583722120771150861'],
    [91, '6311230543546372928'],
    [93, '7700377290971790572'],
    [95, '13144177310400110813'],
    [92, '13444792449719432967'],
    [94, '15516499411664133160'],
    [90, '16117243373044804889'],
  ]);
});

test("the ring equals Envoy's in the order of hosts by name", () => {
  const { owners } = buildRing(
    six.map((port) => ({ key: `${port}`, weight: 1 })),
    12,
    8_388_608,
  );
  assert.equal(
    Array.from(owners, (owner) => six[owner]),
    [95, 95, 93, 94, 93, 92, 90, 92, 91, 90, 91, 94],
  );
});

const shares = [
  { name: 'weights are shares of the points', weights: [1, 3], min: 8, max: 100, points: [2, 6] },
  { name: 'the least has a whole number of points', weights: [1, 2], min: 10, max: 100, points: [4, 8] },
  { name: 'the greatest size bounds the points', weights: [1, 1, 1, 1], min: 100, max: 6, points: [2, 1, 2, 1] },
  { name: 'no endpoint, no point', weights: [], min: 10, max: 10, points: [] },
];
for (const { name, weights, min, max, points } of shares) {
  test(`ring: ${name}`, () => {
    const { owners } = buildRing(
      weights.map((weight, i) => ({ key: `${i}`, weight })),
      min,
      max,
    );
    assert.equal(
      weights.map((_, i) => owners.filter((owner) => owner === i).length),
      points,
    );
  });
}

test.run();
