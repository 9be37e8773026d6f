/** Short texts hashed in WebAssembly: modulo anything what xxHash64 gives; others are left to it. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shortRemainder, takeShort } from '../../../../core/balancer/hashing/short-hash.ts';
import { encode, encoded } from '../../../../core/balancer/hashing/text.ts';
import { high, low } from '../../../../core/balancer/hashing/word64.ts';
import { xxHash64 } from '../../../../core/balancer/hashing/xx-hash64.ts';

const RUNS = Number(process.env.RUNS ?? 0);

test('a short hash, modulo a number, is that of xxHash64', () => {
  const letters = fc.array(fc.oneof({ weight: 30, arbitrary: fc.integer({ min: 0, max: 0x7f }) }, fc.constant(0xe9)), {
    maxLength: 40,
    size: 'max',
  });
  const seeds = fc.constantFrom(0, 1, 12_345, 0x7fffffff);
  const divisors = fc.oneof(
    fc.constantFrom(1, 2, 250, 251, 65_536, 65_537, 131_071),
    fc.integer({ min: 1, max: 0x7fffffff }),
  );
  fc.assert(
    fc.property(letters, seeds, divisors, (codes, seed, divisor) => {
      const text = String.fromCharCode(...codes);
      const isShort = codes.length < 32 && codes.every((code) => code < 0x80);
      assert.is(takeShort(text), isShort);
      if (!isShort) return;
      xxHash64(encoded(), encode(text), seed);
      const hash = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      assert.is(shortRemainder(seed, divisor), Number(hash % BigInt(divisor)));
    }),
    { numRuns: RUNS || 2000 },
  );
});

test.run();
