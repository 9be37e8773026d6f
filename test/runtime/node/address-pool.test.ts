/** Addresses of pods on made-up nodes. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AddressPool } from '../../../runtime/node/made-up/address-pool.ts';
import { podAddress } from '../../../runtime/node/made-up/node-objects.ts';

test('a node has 254 addresses, each given out once', () => {
  const pool = new AddressPool(2);
  const taken = Array.from({ length: 254 }, () => pool.take(1));
  assert.is(new Set(taken).size, 254);
  assert.is(taken[0], 257);
  assert.is(taken[253], 256 + 254);
  assert.is(pool.take(1), undefined);
  assert.is(pool.take(0), 1, 'the other node has its own');
});

test('a freed address comes back', () => {
  const pool = new AddressPool(1);
  const first = pool.take(0) ?? 0;
  pool.take(0);
  pool.free(first);
  assert.is(pool.take(0), first);
});

test('an address in use is claimed by its text, and not given out', () => {
  const pool = new AddressPool(300);
  assert.is(pool.claim(podAddress(299, 1)), 299 * 256 + 1);
  assert.is(pool.take(299), 299 * 256 + 2);
});

for (const ip of ['10.128.0.0', '10.128.0.255', '10.127.0.1', '10.130.0.1', '192.168.0.1', '', '10.128.0']) {
  test(`'${ip}' is none of two nodes' addresses`, () => assert.is(new AddressPool(2).claim(ip), undefined));
}

test.run();
