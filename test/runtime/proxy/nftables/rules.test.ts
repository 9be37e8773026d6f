/** What the table says of one Service, beyond what it says of none. The node is n1, its pods are in 10.1.0.0/16. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { frontendTable } from '../../../../core/balancer/frontends.ts';
import { parseCidr } from '../../../../core/objects/ip.ts';
import type { Endpoint, EndpointSlice, Service, ServiceSpec } from '../../../../core/objects/types.ts';
import { baseCommands } from '../../../../runtime/proxy/nftables/layout.ts';
import { Ruleset } from '../../../../runtime/proxy/nftables/rules.ts';
import { serviceOf, sliceOf } from '../../../support/services.ts';
import { tableOf } from './interpreter.ts';

const here: Endpoint = { addresses: ['10.1.0.1'], nodeName: 'n1' };
const there: Endpoint = { addresses: ['10.2.0.1'], nodeName: 'n2' };
const NODE_PORT: ServiceSpec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] };
const LOAD_BALANCER: ServiceSpec = { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_080 }] };
const INGRESS: Service['status'] = { loadBalancer: { ingress: [{ ip: '203.0.113.5', ipMode: 'VIP' }] } };
const AFFINITY: ServiceSpec = {
  sessionAffinity: 'ClientIP',
  sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
};
const CLUSTER_IP = 'element cluster-ips-4 10.96.0.10';

interface Row {
  name: string;
  spec?: ServiceSpec;
  status?: Service['status'];
  endpoints: Endpoint[];
  slice?: Partial<EndpointSlice>;
  /** No pod ranges are known. */
  unknownPods?: boolean;
  /** Lines with one of these words only; all by default. */
  only?: RegExp;
  table: string[];
}

const rows: Row[] = [
  {
    name: 'a cluster address: clients that are not pods of this node are masqueraded, an endpoint of this node may call itself',
    endpoints: [here, there],
    table: [
      'chain cluster/pick-4-tcp-2 ',
      'chain pick-4-tcp-2 ',
      'cluster/pick-4-tcp-2: goto pick-4-tcp-2',
      'cluster/pick-4-tcp-2: ip saddr != @pod-ranges-4 jump mark-for-masquerade',
      CLUSTER_IP,
      'element endpoints-4-tcp 10.96.0.10 . 80 . 0 : 10.1.0.1 . 8080',
      'element endpoints-4-tcp 10.96.0.10 . 80 . 1 : 10.2.0.1 . 8080',
      'element hairpin-4 10.1.0.1 . 10.1.0.1',
      'element services-4 10.96.0.10 . tcp . 80 : goto cluster/pick-4-tcp-2',
      'pick-4-tcp-2: dnat ip to ip daddr . tcp dport . numgen random mod 2 map @endpoints-4-tcp',
    ],
  },
  {
    name: 'a cluster address where pods are not known: nobody is masqueraded',
    endpoints: [there],
    unknownPods: true,
    table: [
      'chain pick-4-tcp-1 ',
      CLUSTER_IP,
      'element endpoints-4-tcp 10.96.0.10 . 80 . 0 : 10.2.0.1 . 8080',
      'element services-4 10.96.0.10 . tcp . 80 : goto pick-4-tcp-1',
      'pick-4-tcp-1: dnat ip to ip daddr . tcp dport . numgen random mod 1 map @endpoints-4-tcp',
    ],
  },
  {
    name: 'UDP and IPv6',
    spec: { clusterIP: 'fd00:96::a', clusterIPs: ['fd00:96::a'], ports: [{ port: 53, protocol: 'UDP' }] },
    endpoints: [{ addresses: ['fd00:1::1'], nodeName: 'n2' }],
    slice: { addressType: 'IPv6', ports: [{ name: '', port: 5353, protocol: 'UDP' }] },
    table: [
      'chain pick-6-udp-1 ',
      'element cluster-ips-6 fd00:96::a',
      'element endpoints-6-udp fd00:96::a . 53 . 0 : fd00:1::1 . 5353',
      'element services-6 fd00:96::a . udp . 53 : goto pick-6-udp-1',
      'pick-6-udp-1: dnat ip6 to ip6 daddr . udp dport . numgen random mod 1 map @endpoints-6-udp',
    ],
  },
  {
    name: 'nobody serves: rejected',
    endpoints: [],
    table: [CLUSTER_IP, 'element refused-4 10.96.0.10 . tcp . 80 : goto reject-connection'],
  },
  {
    name: 'internal policy Local, others serve: dropped',
    spec: { internalTrafficPolicy: 'Local' },
    endpoints: [there],
    table: [CLUSTER_IP, 'element refused-4 10.96.0.10 . tcp . 80 : drop'],
  },
  {
    name: 'a node port under policy Cluster: all clients are masqueraded',
    spec: NODE_PORT,
    endpoints: [there],
    only: /-port|external/,
    table: [
      'chain external/pick-4-port-tcp-1 ',
      'chain pick-4-port-tcp-1 ',
      'element endpoints-4-port-tcp 30080 . 0 : 10.2.0.1 . 8080',
      'element services-4-port tcp . 30080 : goto external/pick-4-port-tcp-1',
      'external/pick-4-port-tcp-1: goto pick-4-port-tcp-1',
      'external/pick-4-port-tcp-1: jump mark-for-masquerade',
      'pick-4-port-tcp-1: dnat ip to tcp dport . numgen random mod 1 map @endpoints-4-port-tcp',
    ],
  },
  {
    name: "policy Local: clients from outside keep their address and stay here, the node's own go anywhere",
    spec: { ...NODE_PORT, externalTrafficPolicy: 'Local' },
    endpoints: [here, there],
    only: /local|element .*-port/,
    table: [
      'chain local/pick-4-port-tcp-from-node-2/pick-4-port-tcp-1 ',
      'element endpoints-4-port-tcp 30080 . 0 : 10.1.0.1 . 8080',
      'element endpoints-4-port-tcp-from-node 30080 . 0 : 10.1.0.1 . 8080',
      'element endpoints-4-port-tcp-from-node 30080 . 1 : 10.2.0.1 . 8080',
      'element services-4-port tcp . 30080 : goto local/pick-4-port-tcp-from-node-2/pick-4-port-tcp-1',
      'local/pick-4-port-tcp-from-node-2/pick-4-port-tcp-1: fib saddr type local goto pick-4-port-tcp-from-node-2',
      'local/pick-4-port-tcp-from-node-2/pick-4-port-tcp-1: fib saddr type local jump mark-for-masquerade',
      'local/pick-4-port-tcp-from-node-2/pick-4-port-tcp-1: goto pick-4-port-tcp-1',
      'local/pick-4-port-tcp-from-node-2/pick-4-port-tcp-1: ip saddr @pod-ranges-4 goto pick-4-port-tcp-from-node-2',
    ],
  },
  {
    name: "policy Local, none here: dropped from outside, the node's own go anywhere",
    spec: { ...NODE_PORT, externalTrafficPolicy: 'Local' },
    endpoints: [there],
    only: /refused|services-4-port/,
    table: [
      'chain refused-4/drop/forward ',
      'element refused-4-port tcp . 30080 : goto refused-4/drop/forward',
      'element services-4-port tcp . 30080 : goto local/pick-4-port-tcp-from-node-1/',
      'refused-4/drop/forward: drop',
      'refused-4/drop/forward: fib saddr type local return',
      'refused-4/drop/forward: ip saddr @pod-ranges-4 return',
    ],
  },
  {
    name: 'source ranges close the address of the load balancer only',
    spec: { ...LOAD_BALANCER, loadBalancerSourceRanges: ['192.168.0.0/16', '10.0.0.0/8'] },
    status: INGRESS,
    endpoints: [there],
    only: /firewall/,
    table: [
      'chain firewall/203.0.113.5/tcp/80 ',
      'element firewall-4 203.0.113.5 . tcp . 80 : jump firewall/203.0.113.5/tcp/80',
      'firewall/203.0.113.5/tcp/80: drop',
      'firewall/203.0.113.5/tcp/80: ip saddr 10.0.0.0/8 return',
      'firewall/203.0.113.5/tcp/80: ip saddr 192.168.0.0/16 return',
    ],
  },
  {
    name: 'ClientIP affinity: a set of clients an endpoint, asked before one is drawn',
    spec: AFFINITY,
    endpoints: [here, there],
    only: /clients|list\/|endpoint\//,
    table: [
      'chain cluster/list/60/default/web//tcp/4/Cluster ',
      'chain endpoint/60/default/web//tcp/4/10.1.0.1/8080 ',
      'chain endpoint/60/default/web//tcp/4/10.2.0.1/8080 ',
      'chain list/60/default/web//tcp/4/Cluster ',
      'cluster/list/60/default/web//tcp/4/Cluster: goto list/60/default/web//tcp/4/Cluster',
      'cluster/list/60/default/web//tcp/4/Cluster: ip saddr != @pod-ranges-4 jump mark-for-masquerade',
      'element services-4 10.96.0.10 . tcp . 80 : goto cluster/list/60/default/web//tcp/4/Cluster',
      'endpoint/60/default/web//tcp/4/10.1.0.1/8080: meta l4proto tcp dnat ip to 10.1.0.1:8080',
      'endpoint/60/default/web//tcp/4/10.1.0.1/8080: update @clients/60/default/web//tcp/4/10.1.0.1/8080 { ip saddr }',
      'endpoint/60/default/web//tcp/4/10.2.0.1/8080: meta l4proto tcp dnat ip to 10.2.0.1:8080',
      'endpoint/60/default/web//tcp/4/10.2.0.1/8080: update @clients/60/default/web//tcp/4/10.2.0.1/8080 { ip saddr }',
      'list/60/default/web//tcp/4/Cluster: ip saddr @clients/60/default/web//tcp/4/10.1.0.1/8080 goto endpoint/60/default/web//tcp/4/10.1.0.1/8080',
      'list/60/default/web//tcp/4/Cluster: ip saddr @clients/60/default/web//tcp/4/10.2.0.1/8080 goto endpoint/60/default/web//tcp/4/10.2.0.1/8080',
      'list/60/default/web//tcp/4/Cluster: numgen random mod 2 vmap { 0 : goto endpoint/60/default/web//tcp/4/10.1.0.1/8080, 1 : goto endpoint/60/default/web//tcp/4/10.2.0.1/8080 }',
      'set clients/60/default/web//tcp/4/10.1.0.1/8080 { type ipv4_addr ; flags dynamic, timeout ; timeout 60s ; }',
      'set clients/60/default/web//tcp/4/10.2.0.1/8080 { type ipv4_addr ; flags dynamic, timeout ; timeout 60s ; }',
    ],
  },
];

for (const { name, spec, status, endpoints, slice, unknownPods = false, only, table } of rows) {
  test(`nftables rules: ${name}`, () => {
    const rules = new Ruleset({ nodeName: 'n1', podRanges: unknownPods ? [] : [parseCidr('10.1.0.0/16')!] });
    const base = new Set(tableOf(rules.full('owner')).content());
    const service = { ...serviceOf('web', spec), ...(status && { status }) };
    const slices = [sliceOf('web', 'web-1', endpoints, { ports: [{ name: '', port: 8080 }], ...slice })];
    rules.change(frontendTable([service], slices, { name: 'n1' }).frontends);
    const lines = tableOf(rules.full('owner'))
      .content()
      .filter((line) => !base.has(line) && (only?.test(line) ?? true));
    assert.equal(lines, table);
  });
}

test('nftables rules: of pods, what belongs to no connection is dropped before anything else is asked', () => {
  const options = { podRanges: [parseCidr('10.1.0.0/24')!, parseCidr('fd00::/64')!] };
  const rules = baseCommands(options, 'owner').filter((command) => / filter-prerouting /.test(command));
  assert.equal(rules.map((command) => command.replace(/^.* filter-prerouting /, '')).slice(1), [
    'ip saddr @pod-ranges-4 ct state invalid drop',
    'ip6 saddr @pod-ranges-6 ct state invalid drop',
    'ct state new jump guard',
  ]);
});

test('nftables rules: one endpoint that leaves is said by what it changes', () => {
  const rules = new Ruleset({ nodeName: 'n1', podRanges: [] });
  const frontends = (endpoints: Endpoint[]) =>
    frontendTable([serviceOf('web')], [sliceOf('web', 'web-1', endpoints, { ports: [{ name: '', port: 8080 }] })], {
      name: 'n1',
    }).frontends;
  rules.change(frontends([here, there]));
  const commands = rules
    .change(frontends([there]))
    .trim()
    .split('\n');
  assert.equal(commands, [
    'add chain inet keelson pick-4-tcp-1',
    'delete element inet keelson hairpin-4 { 10.1.0.1 . 10.1.0.1 }',
    'delete element inet keelson endpoints-4-tcp { 10.96.0.10 . 80 . 0, 10.96.0.10 . 80 . 1 }',
    'delete element inet keelson services-4 { 10.96.0.10 . tcp . 80 }',
    'add rule inet keelson pick-4-tcp-1 dnat ip to ip daddr . tcp dport . numgen random mod 1 map @endpoints-4-tcp',
    'add element inet keelson endpoints-4-tcp { 10.96.0.10 . 80 . 0 : 10.2.0.1 . 8080 }',
    'add element inet keelson services-4 { 10.96.0.10 . tcp . 80 : goto pick-4-tcp-1 }',
    'flush chain inet keelson pick-4-tcp-2',
    'delete chain inet keelson pick-4-tcp-2',
  ]);
});

test.run();
