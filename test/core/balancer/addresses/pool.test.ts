/** Bands of ranges: the worked numbers of Kubernetes' documentation, and their bounds. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressAt, addressRange, offsetOf, portRange } from '../../../../core/balancer/addresses/ranges.ts';
import { Random } from '../../../../core/random.ts';

const bands: { range: string; dynamic: [first: string, last: string]; size: number }[] = [
  { range: '10.96.0.0/24', dynamic: ['10.96.0.17', '10.96.0.254'], size: 254 },
  { range: '10.96.0.0/20', dynamic: ['10.96.1.1', '10.96.15.254'], size: 4094 },
  { range: '10.96.0.0/16', dynamic: ['10.96.1.1', '10.96.255.254'], size: 65_534 },
  { range: '10.96.0.0/27', dynamic: ['10.96.0.17', '10.96.0.30'], size: 30 },
  { range: '10.96.0.0/28', dynamic: ['10.96.0.1', '10.96.0.14'], size: 14 },
  { range: '10.96.0.0/30', dynamic: ['10.96.0.1', '10.96.0.2'], size: 2 },
  { range: 'fd00::/120', dynamic: ['fd00::11', 'fd00::ff'], size: 255 },
];
for (const { range, dynamic, size } of bands) {
  test(`cluster addresses of ${range}: unasked from ${dynamic[0]} to ${dynamic[1]}`, () => {
    const addresses = addressRange(range);
    if (typeof addresses === 'string') throw new Error(addresses);
    assert.is(Number(addresses.pool.size), size);
    const random = new Random(1);
    const [first, last] = dynamic.map((text) => offsetOf(addresses, text) as bigint);
    // Of the upper band only its ends are free.
    for (let offset = first + 1n; offset < last; offset++) addresses.pool.take(offset, 'b');
    const given = [addresses.pool.next('a', random), addresses.pool.next('a', random)] as bigint[];
    assert.equal(new Set(given.map((offset) => addressAt(addresses, offset))), new Set(dynamic));
    // Then the lower band, and then nothing.
    for (let i = 0n; i < first; i++) assert.ok((addresses.pool.next('a', random) as bigint) < first);
    assert.is(addresses.pool.next('a', random), undefined);
    assert.is(addresses.pool.taken, size);
  });
}

const ports: { range: string; firstGiven: number }[] = [
  { range: '30000-32767', firstGiven: 30_086 },
  { range: '20000-32767', firstGiven: 20_128 },
  { range: '32567-32767', firstGiven: 32_583 },
  { range: '30000-30015', firstGiven: 30_000 },
  { range: '30000-30016', firstGiven: 30_016 },
  { range: '30000-30000', firstGiven: 30_000 },
];
for (const { range, firstGiven } of ports) {
  test(`node ports of ${range}: unasked from ${firstGiven}`, () => {
    const found = portRange(range);
    if (typeof found === 'string') throw new Error(found);
    const [from, to] = range.split('-').map(Number);
    for (let port = firstGiven + 1; port <= to; port++) found.pool.take(BigInt(port - from), 'b');
    assert.is(found.first + Number(found.pool.next('a', new Random(7))), firstGiven);
    assert.is(found.pool.next('a', new Random(7)) === undefined, firstGiven === from);
  });
}

test('a range of 2^64 addresses gives and takes at once', () => {
  const range = addressRange('fd00::/64');
  if (typeof range === 'string') throw new Error(range);
  const offset = range.pool.next('a', new Random(3)) as bigint;
  assert.ok(offset >= 256n);
  const far = offsetOf(range, 'fd00::ffff:ffff:ffff:ffff') as bigint;
  assert.is(range.pool.take(far, 'b'), true);
  assert.is(range.pool.take(far, 'c'), false);
  range.pool.release('b');
  assert.is(range.pool.ownerOf(far), undefined);
});

const bad: { text: string; complaint: RegExp }[] = [
  { text: '10.96.0.0', complaint: /is not a network/ },
  { text: '10.96.0.0/31', complaint: /no address to give/ },
  { text: '10.96.0.0/32', complaint: /no address to give/ },
  { text: 'fd00::/63', complaint: /at least 64/ },
];
for (const { text, complaint } of bad) {
  test(`cluster addresses of ${text} are refused`, () => assert.match(String(addressRange(text)), complaint));
}
for (const text of ['30000', '0-10', '30000-29999', '1-65536', 'a-b']) {
  test(`node ports of ${text} are refused`, () => assert.match(String(portRange(text)), /is not a range of ports/));
}
for (const text of ['10.96.0.0', '10.96.0.255', '10.97.0.1', 'fd00::1', 'x']) {
  test(`${text} is no address of 10.96.0.0/24`, () => {
    const range = addressRange('10.96.0.0/24');
    assert.is(typeof range === 'string' ? 0n : offsetOf(range, text), undefined);
  });
}

test.run();
