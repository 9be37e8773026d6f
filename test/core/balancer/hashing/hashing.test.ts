/** Published test vectors of the two hashes, at every length class of theirs: empty, a few bytes, whole words, stripes. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { murmur, murmur3 } from '../../../../core/balancer/hashing/murmur3.ts';
import { clientHash, encode, encoded } from '../../../../core/balancer/hashing/text.ts';
import { high, low, remainder } from '../../../../core/balancer/hashing/word64.ts';
import { xxHash64 } from '../../../../core/balancer/hashing/xx-hash64.ts';

const joined = (upper: number, lower: number): bigint => (BigInt(upper >>> 0) << 32n) | BigInt(lower >>> 0);

const xxCases = [
  { text: '', seed: 0, expected: 0xef46db3751d8e999n },
  { text: 'a', seed: 0, expected: 0xd24ec4f1a98c6e5bn },
  { text: 'abc', seed: 0, expected: 0x44bc2cf5ad770999n },
  { text: 'Nobody inspects the spammish repetition', seed: 0, expected: 0xfbcea83c8a378bf1n },
];
for (const { text, seed, expected } of xxCases) {
  test(`xxHash64 of '${text}'`, () => {
    xxHash64(encoded(), encode(text), seed);
    assert.is(joined(high, low), expected);
  });
}

const murmurCases = [
  { text: '', expected: [0n, 0n] },
  { text: 'hello', expected: [0xcbd8a7b341bd9b02n, 0x5b1e906a48ae1d19n] },
  { text: 'hello, world', expected: [0x342fac623a5ebc8en, 0x4cdcbc079642414dn] },
  { text: 'The quick brown fox jumps over the lazy dog.', expected: [0xcd99481f9ee902c9n, 0x695da1a38987b6e7n] },
];
for (const { text, expected } of murmurCases) {
  test(`murmur3 of '${text}'`, () => {
    murmur3(encoded(), encode(text), 0);
    assert.equal([joined(murmur[0], murmur[1]), joined(murmur[2], murmur[3])], expected);
  });
}

/** The same hash written over bigints, straight from the specification. */
function xxOverBigints(bytes: Uint8Array, seed: bigint): bigint {
  const [p1, p2, p3, p4, p5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ];
  const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
  const rotate = (x: bigint, by: bigint): bigint => u64((x << by) | (x >> (64n - by)));
  const round = (acc: bigint, input: bigint): bigint => u64(rotate(u64(acc + input * p2), 31n) * p1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  let acc = u64(seed + p5);
  if (bytes.length >= 32) {
    let lanes = [u64(seed + p1 + p2), u64(seed + p2), seed, u64(seed - p1)];
    for (; at + 32 <= bytes.length; at += 32)
      lanes = lanes.map((lane, i) => round(lane, view.getBigUint64(at + 8 * i, true)));
    acc = u64(rotate(lanes[0], 1n) + rotate(lanes[1], 7n) + rotate(lanes[2], 12n) + rotate(lanes[3], 18n));
    for (const lane of lanes) acc = u64((acc ^ round(0n, lane)) * p1 + p4);
  }
  acc = u64(acc + BigInt(bytes.length));
  for (; at + 8 <= bytes.length; at += 8) {
    acc = u64(rotate(acc ^ round(0n, view.getBigUint64(at, true)), 27n) * p1 + p4);
  }
  if (at + 4 <= bytes.length) {
    acc = u64(rotate(acc ^ u64(BigInt(view.getUint32(at, true)) * p1), 23n) * p2 + p3);
    at += 4;
  }
  for (; at < bytes.length; at++) acc = u64(rotate(acc ^ u64(BigInt(bytes[at]) * p5), 11n) * p1);
  acc = u64((acc ^ (acc >> 33n)) * p2);
  acc = u64((acc ^ (acc >> 29n)) * p3);
  return acc ^ (acc >> 32n);
}

test('xxHash64 agrees with the specification over bigints at every length to 100, and with a seed', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 167 + 13) & 255);
  for (let length = 0; length <= 100; length++) {
    for (const seed of [0, 1, 2147483647]) {
      xxHash64(bytes, length, seed);
      assert.is(
        joined(high, low),
        xxOverBigints(bytes.subarray(0, length), BigInt(seed)),
        `${length} bytes, seed ${seed}`,
      );
    }
  }
});

test('the remainder of a 64-bit word is that of the bigint', () => {
  for (const [upper, lower] of [
    [0, 0],
    [-1, -1],
    [0x12345678, -5],
    [-2, 7],
  ]) {
    for (const divisor of [1, 7, 251, 65536, 65537, 131071]) {
      assert.is(BigInt(remainder(upper, lower, divisor)), joined(upper, lower) % BigInt(divisor));
    }
  }
});

test('texts are hashed by their UTF-8 bytes, short ones and long ones, with letters of one byte and of more', () => {
  const letters = fc.constantFrom('a', ':', '0', '\u007f', '\u0080', 'é', '\u07ff', '€', '😀');
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 90, size: 'max' }), (given) => {
      const text = given.join('');
      const length = encode(text);
      assert.equal([...encoded().subarray(0, length)], [...new TextEncoder().encode(text)]);
    }),
  );
});

test('a client hash is an int32, longer texts than the buffer included', () => {
  const long = clientHash('x'.repeat(10_000));
  assert.is(long, long | 0);
  assert.is.not(long, clientHash('x'.repeat(10_001)));
});

test.run();
