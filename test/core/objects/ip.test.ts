import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalIp, formatCidr, inCidr, parseCidr, parseIp, specialRange } from '../../../core/objects/ip.ts';

const spelled: { text: string; canonical: string | undefined }[] = [
  { text: '10.0.0.1', canonical: '10.0.0.1' },
  { text: '010.000.000.001', canonical: '10.0.0.1' },
  { text: '255.255.255.255', canonical: '255.255.255.255' },
  { text: '256.0.0.1', canonical: undefined },
  { text: '10.0.0', canonical: undefined },
  { text: '10.0.0.1.2', canonical: undefined },
  { text: '', canonical: undefined },
  { text: ' 10.0.0.1', canonical: undefined },
  { text: '::', canonical: '::' },
  { text: '::1', canonical: '::1' },
  { text: '2001:DB8:0:0:1:0:0:1', canonical: '2001:db8::1:0:0:1' },
  { text: '2001:db8:0:1:1:1:1:1', canonical: '2001:db8:0:1:1:1:1:1' },
  { text: 'fd00:0:0:0:0:0:0:0', canonical: 'fd00::' },
  { text: '64:ff9b::192.0.2.1', canonical: '64:ff9b::c000:201' },
  { text: '::ffff:10.0.0.1', canonical: undefined },
  { text: '1::2::3', canonical: undefined },
  { text: '1:2:3:4:5:6:7:8:9', canonical: undefined },
  { text: '1:2:3:4:5:6:7::8', canonical: undefined },
  { text: '1:2:3', canonical: undefined },
  { text: '1.2.3.4::', canonical: undefined },
  { text: 'fe80::1%eth0', canonical: undefined },
  { text: '12345::', canonical: undefined },
];
for (const { text, canonical } of spelled) {
  test(`ip: '${text}' is ${canonical ?? 'no address'}`, () => assert.is(canonicalIp(text), canonical));
}

const ranges: { text: string; what: RegExp | undefined }[] = [
  { text: '127.0.0.1', what: /loopback/ },
  { text: '127.255.255.255', what: /loopback/ },
  { text: '128.0.0.0', what: undefined },
  { text: '::1', what: /loopback/ },
  { text: '0.0.0.0', what: /unspecified/ },
  { text: '::', what: /unspecified/ },
  { text: '0.0.0.1', what: undefined },
  { text: '169.254.0.1', what: /link-local/ },
  { text: '169.255.0.1', what: undefined },
  { text: 'fe80::1', what: /link-local/ },
  { text: 'febf::1', what: /link-local/ },
  { text: 'fec0::1', what: undefined },
  { text: '224.0.0.9', what: /multicast/ },
  { text: '224.0.1.0', what: undefined },
  { text: 'ff02::5', what: /multicast/ },
  { text: '10.0.0.1', what: undefined },
];
for (const { text, what } of ranges) {
  test(`ip: ${text} is ${what ? String(what) : 'ordinary'}`, () => {
    const address = parseIp(text);
    assert.ok(address);
    const found = specialRange(address);
    if (what) assert.match(found ?? '', what);
    else assert.is(found, undefined);
  });
}

test('cidr: host bits are cleared, spaces let pass, bounds kept', () => {
  const range = parseCidr(' 10.96.3.4/16 ');
  assert.ok(range);
  assert.is(formatCidr(range), '10.96.0.0/16');
  const inside = (text: string): boolean => {
    const address = parseIp(text);
    return address !== undefined && inCidr(address, range);
  };
  assert.is(inside('10.96.255.255'), true);
  assert.is(inside('10.97.0.0'), false);
  assert.is(inside('fd00::1'), false);
  for (const bad of ['10.0.0.0', '10.0.0.0/33', 'fd00::/129', '/8', '10.0.0.0/x']) assert.is(parseCidr(bad), undefined);
});

test.run();
