/** What `conntrack -L` prints → flows, and which of them are stale. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { frontendTable } from '../../../../core/balancer/frontends.ts';
import { parseFlows, staleFlows } from '../../../../runtime/proxy/nftables/conntrack.ts';
import { serviceOf, sliceOf } from '../../../support/services.ts';

const LINES = `udp      17 29 src=10.1.0.1 dst=10.96.0.10 sport=42616 dport=53 src=10.1.0.2 dst=10.1.0.1 sport=5353 dport=42616 mark=0 use=1
udp      17 29 src=fd00::1 dst=fd00:96::a sport=42616 dport=53 [UNREPLIED] src=fd00::2 dst=fd00::1 sport=5353 dport=42616 mark=0 use=1
tcp      6 431999 ESTABLISHED src=10.1.0.1 dst=10.96.0.10 sport=42616 dport=80 src=10.1.0.3 dst=10.1.0.1 sport=8080 dport=42616 [ASSURED] mark=0 use=1
icmp     1 29 src=10.1.0.1 dst=10.1.0.2 type=8 code=0 id=7 src=10.1.0.2 dst=10.1.0.1 type=0 code=0 id=7 mark=0 use=1
`;

test('conntrack: lines are read, others are passed over', () => {
  assert.equal(parseFlows(LINES), [
    { protocol: 'UDP', state: '', to: { address: '10.96.0.10', port: 53 }, by: { address: '10.1.0.2', port: 5353 } },
    { protocol: 'UDP', state: '', to: { address: 'fd00:96::a', port: 53 }, by: { address: 'fd00::2', port: 5353 } },
    {
      protocol: 'TCP',
      state: 'ESTABLISHED',
      to: { address: '10.96.0.10', port: 80 },
      by: { address: '10.1.0.3', port: 8080 },
    },
  ]);
});

const spec = { type: 'NodePort', ports: [{ port: 53, protocol: 'UDP', nodePort: 30_053 }] };
const slice = sliceOf('web', 'web-1', [{ addresses: ['10.1.0.2'] }], {
  ports: [{ name: '', port: 5353, protocol: 'UDP' }],
});
const { frontends } = frontendTable([serviceOf('web', spec)], [slice], { name: 'n1' });
const gone = new Map([...frontends.keys()].map((key) => [key, undefined]));

for (const [name, to, by, changed, stale] of [
  ['one to an endpoint that is there stays', '10.96.0.10 53', '10.1.0.2 5353', frontends, false],
  ['one to an endpoint that is gone is stale', '10.96.0.10 53', '10.1.0.9 5353', frontends, true],
  ['one to another port of the endpoint is stale', '10.96.0.10 53', '10.1.0.2 5354', frontends, true],
  ['one that was never translated is stale', '10.96.0.10 53', '10.96.0.10 53', frontends, true],
  ['one through a frontend that is gone is stale', '10.96.0.10 53', '10.1.0.2 5353', gone, true],
  ['one to a node port, at any address, is stale too', '192.168.7.1 30053', '10.1.0.9 5353', frontends, true],
  ['one to a node port and an endpoint that is there stays', '192.168.7.1 30053', '10.1.0.2 5353', frontends, false],
  ['one that only passes by, to the number of a node port, stays', '8.8.8.8 30053', '8.8.8.8 30053', frontends, false],
  ['one of another frontend stays', '10.96.0.11 53', '10.1.0.9 5353', frontends, false],
] as const) {
  test(`conntrack: of UDP flows, ${name}`, () => {
    const end = (text: string) => ({ address: text.split(' ')[0], port: Number(text.split(' ')[1]) });
    const flow = { protocol: 'UDP', state: '', to: end(to), by: end(by) } as const;
    assert.equal(staleFlows([flow, flow, { ...flow, protocol: 'TCP' }], changed), stale ? [flow] : []);
  });
}

test.run();
