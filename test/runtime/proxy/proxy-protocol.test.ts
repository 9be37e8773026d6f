/** The PROXY protocol: read and written, and through a data plane in both directions. */
import { createServer } from 'node:http';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeProxyHeader, type ProxiedAddresses, readProxyHeader } from '../../../runtime/proxy/proxy-protocol.ts';
import { Backend, closeOpened, echo, endpointAt, proxied, say, until } from '../../support/proxied.ts';

const v4: ProxiedAddresses = {
  source: '203.0.113.7',
  sourcePort: 56324,
  destination: '198.51.100.1',
  destinationPort: 443,
};
const v6: ProxiedAddresses = { ...v4, source: '2001:db8::1', destination: '2001:db8::2' };

test('proxy protocol: version 1 is the line that its text gives', () => {
  assert.is(String(encodeProxyHeader(v4, 1)), 'PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r\n');
  assert.is(String(encodeProxyHeader(v6, 1)), 'PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n');
});

test('proxy protocol: version 2 is the bytes that its text gives', () => {
  assert.is(
    encodeProxyHeader(v4, 2).toString('hex'),
    '0d0a0d0a000d0a515549540a' + '21' + '11' + '000c' + 'cb007107' + 'c6336401' + 'dc04' + '01bb',
  );
});

const address4 = fc.tuple(...new Array(4).fill(fc.nat(255))).map((octets) => octets.join('.'));
const address6 = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }).map((pieces) => {
  // No IPv4 inside, and a spelling of its own that the reader gives back in its canonical form.
  const bytes = Buffer.alloc(16);
  [0x2001, ...pieces.slice(1)].forEach((piece, i) => void bytes.writeUInt16BE(piece, 2 * i));
  return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':');
});
const sameFamily = fc.oneof(fc.tuple(address4, address4), fc.tuple(address6, address6));

test('proxy protocol: what is written is read back, however it is cut, and not a byte more', () => {
  fc.assert(
    fc.property(
      sameFamily,
      fc.nat(65_535),
      fc.nat(65_535),
      fc.constantFrom(1 as const, 2 as const),
      fc.string(),
      (pair, from, to, version, rest) => {
        const told = { source: pair[0], destination: pair[1], sourcePort: from, destinationPort: to };
        const header = encodeProxyHeader(told, version);
        for (let cut = 0; cut < header.length; cut++) {
          assert.is(readProxyHeader(header.subarray(0, cut)).state, 'more', `cut at ${cut}`);
        }
        const read = readProxyHeader(Buffer.concat([header, Buffer.from(rest)]));
        assert.is(read.state, 'read');
        if (read.state !== 'read' || !read.addresses) return;
        assert.is(read.bytes, header.length);
        assert.equal(encodeProxyHeader(read.addresses, 2), encodeProxyHeader(told, 2));
      },
    ),
  );
});

const wrong = [
  { name: 'something else', bytes: Buffer.from('GET / HTTP/1.1\r\n') },
  { name: 'a line without an end', bytes: Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`) },
  { name: 'an address that is none', bytes: Buffer.from('PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n') },
  { name: 'IPv6 in a line of IPv4', bytes: Buffer.from('PROXY TCP4 ::1 ::1 1 2\r\n') },
  { name: 'a port of 65,536', bytes: Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n') },
  { name: 'a signature that is cut short by something else', bytes: Buffer.from('\r\n\r\n\0\r\nQUIX') },
  { name: 'version 3', bytes: Buffer.from('0d0a0d0a000d0a515549540a31110000', 'hex') },
  { name: 'addresses that are cut off', bytes: Buffer.from('0d0a0d0a000d0a515549540a2111000401020304', 'hex') },
];
for (const { name, bytes } of wrong) {
  test(`proxy protocol: refuses ${name}`, () => assert.is(readProxyHeader(bytes).state, 'wrong'));
}

test('proxy protocol: a sender that speaks for itself names nobody', () => {
  assert.equal(readProxyHeader(Buffer.from('PROXY UNKNOWN\r\nrest')), { state: 'read', bytes: 15 });
  assert.equal(readProxyHeader(Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex')), { state: 'read', bytes: 16 });
});

for (const version of [1, 2] as const) {
  test(`proxy protocol: version ${version} comes in and goes out, and what follows it is untouched`, async () => {
    const backend = await Backend.listen(echo);
    const port = await proxied(
      backend.endpoints(1),
      { acceptProxyProtocol: true, sendProxyProtocol: version },
      { threads: 1 },
    );
    const header = encodeProxyHeader(v4, version);
    const said = await say(port, Buffer.concat([header, Buffer.from('and then this')]));
    assert.equal(said, { text: `${header.toString('latin1')}and then this`, how: 'end' });
    assert.is((await say(port, 'no header at all')).text, '');
    assert.is(port.plane.stats().counters.protocolErrors, 1);
    await until(() => port.plane.stats().activeConnections === 0, 'all are closed');
    await port.plane.close(0);
    await backend.close();
  });
}

test('proxy protocol: HTTP clients are who the header says', async () => {
  const server = createServer((request, response) => void response.end(String(request.headers['x-forwarded-for'])));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: at } = server.address() as { port: number };
  const port = await proxied(
    [endpointAt('127.0.0.1', at)],
    { acceptProxyProtocol: true, protocol: 'http' },
    { threads: 1 },
  );
  const request = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  const { text } = await say(port, Buffer.concat([encodeProxyHeader(v4, 2), Buffer.from(request)]), false);
  assert.match(text, /203\.0\.113\.7$/);
  await port.plane.close(0);
  server.closeAllConnections();
  server.close();
});

test.after(closeOpened);
test.run();
